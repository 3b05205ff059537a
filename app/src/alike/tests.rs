use super::*;
use crate::words::Lang;

/// Somebody who came at this time and whose id ends so.
fn person(time: u8, last: u8) -> UserId {
    UserId::from_bytes([time, 0, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, last])
}

fn among(people: &[(UserId, Option<&str>)]) -> Vec<Alike> {
    let mut known = Known::new(Lang::Ko.words());
    for (user_id, name) in people {
        known.add(*user_id, *name);
    }
    known.alike()
}

fn shares(people: &[(UserId, Option<&str>)]) -> Vec<UserId> {
    let found = among(people).into_iter();
    found
        .filter(|alike| alike.shares_name)
        .map(|alike| alike.user_id)
        .collect()
}

#[test]
fn a_person_s_signs_are_of_their_name_or_of_their_id() {
    for (name, expected) in [
        ("김민수", "민수"),
        ("준", "준"),
        ("민수b", "민수"),
        ("ada", "a"),
        ("😀!", "😀"),
        ("!", "ab"),
    ] {
        assert_eq!(signs(person(0, 0xab), Some(name)), expected);
    }
    assert_eq!(signs(person(0, 0xab), None), "ab");
}

#[test]
fn people_whose_names_look_the_same_are_told_apart_and_others_are_not() {
    let (one, other) = (person(1, 1), person(2, 2));
    for (name, same) in [
        ("민아", "민아"),
        ("Ada", "ADA"),
        ("Ada", "Ａｄａ"),
        ("민아", "민\u{200b}아"),
        ("민아", "민아\u{3164}"),
        ("José", "Jose\u{301}"),
        ("한", "\u{1112}\u{1161}\u{11ab}"),
    ] {
        assert_eq!(
            shares(&[(one, Some(name)), (other, Some(same))]),
            [one, other],
            "{same:?}"
        );
    }
    for (name, different) in [("민아", "민야"), ("Ada", "Adam"), ("김 철수", "김철수")] {
        assert_eq!(
            shares(&[(one, Some(name)), (other, Some(different))]),
            [],
            "{different}"
        );
    }
    assert_eq!(
        shares(&[(one, Some("민아")), (one, Some("민수")), (other, Some("민수"))]),
        []
    );
}

#[test]
fn nobody_is_taken_for_a_guest_or_for_one_whose_end_is_told() {
    let (one, other) = (person(1, 0xab), person(2, 2));
    assert_eq!(shares(&[(one, None), (other, Some("손님 00AB"))]), [one, other]);
    assert_eq!(
        shares(&[(one, Some("민아")), (other, Some("민아 #00ab"))]),
        [other]
    );
}

#[test]
fn of_those_who_would_look_the_same_who_came_first_keeps_their_colour() {
    let (first, second, third) = (person(1, 12), person(2, 24), person(3, 36));
    let names = [
        (third, Some("박민수")),
        (second, Some("김민수")),
        (first, Some("이민수")),
    ];
    let found = among(&names);
    let colours: Vec<_> = found.iter().map(|alike| (alike.user_id, alike.colour)).collect();
    assert_eq!(colours, [(second, 5), (third, 10)]);
    assert!(found.iter().all(|alike| !alike.shares_name));
    assert_eq!(among(&[(first, Some("민수")), (second, Some("준호"))]), []);
}

#[test]
fn while_there_are_colours_no_two_of_one_name_have_the_same() {
    let people: Vec<_> = (0..COLOURS + 3)
        .map(|time| (person(time, 12), Some("민아")))
        .collect();
    let found = among(&people);
    assert_eq!(found.len(), people.len());
    let mut colours: Vec<_> = found
        .iter()
        .take(COLOURS.into())
        .map(|alike| alike.colour)
        .collect();
    colours.sort_unstable();
    assert_eq!(colours, Vec::from_iter(0..COLOURS));
}
