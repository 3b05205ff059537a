use std::collections::BTreeMap;
use std::convert::Infallible;

use protocol::limits::NAME_CHARS_MAX;

use super::*;
use crate::ids;

/// Who is mentioned in a text, by what they are called there, when these people are in the room.
fn called(people: &[&str], text: &str) -> Vec<String> {
    let by_name: BTreeMap<String, UserId> = people.iter().map(|name| (fold(name), ids::user_id())).collect();
    let named = |name: &str| Ok::<_, Infallible>(by_name.get(name).copied());
    let mentions = resolve(&markup::calls(text), &[], named).unwrap();
    mentions.into_iter().map(|mention| mention.1.into()).collect()
}

#[test]
fn a_name_is_called_where_it_stands_for_itself_and_not_within_a_word() {
    for (text, names) in [
        ("@수 안녕", &["수"][..]),
        ("@수진 안녕", &[]),
        ("kim@수학.kr", &[]),
        ("kim@수.kr", &[]),
        ("@수", &["수"]),
        ("(@수)", &["수"]),
        ("\"@수\"", &["수"]),
        ("“@수”", &["수"]),
        ("안녕,@수!", &["수"]),
        ("저기...@수?", &["수"]),
        ("@수,@하나/@Ada", &["수", "하나", "Ada"]),
        ("안녕@수", &[]),
        ("@@수", &[]),
        ("https://a.com/@수", &[]),
        ("**@수**", &["수"]),
        ("> @수", &["수"]),
        ("- @수\n- @하나", &["수", "하나"]),
        ("`@수`", &[]),
        ("``@수``", &[]),
        ("```\n@수\n```", &[]),
        ("```\n@수\n```\n@하나", &["하나"]),
        ("@수-진", &[]),
        ("@수_진", &[]),
        ("@수 - 진", &["수"]),
        ("@수\u{301}", &[]),
    ] {
        assert_eq!(called(&["수", "하나", "Ada"], text), names, "{text:?}");
    }
}

#[test]
fn what_korean_appends_to_a_name_is_not_part_of_it() {
    for text in [
        "@하나야",
        "@하나님",
        "@하나님께서는요",
        "@하나씨",
        "@하나가",
        "@하나한테도",
        "@하나랑",
        "@하나예요",
        "@하나님, 안녕",
        "@하나의",
    ] {
        assert_eq!(called(&["하나"], text), ["하나"], "{text:?}");
    }
    for text in [
        "@하나이",
        "@하나은",
        "@하나로마트",
        "@하나은행",
        "@하나둘",
        "@하나님의교회",
    ] {
        assert_eq!(called(&["하나"], text), [""; 0], "{text:?}");
    }
    assert_eq!(
        called(&["수진", "은별"], "@수진이가 @은별로 @수진가"),
        ["수진", "은별"]
    );
    assert_eq!(
        called(&["수", "수가"], "@수가"),
        ["수가"],
        "the longest name counts"
    );
    assert_eq!(called(&["ada"], "@ada님 @ada가 @ada나무"), ["ada"]);
}

#[test]
fn names_are_the_same_in_either_case_and_however_their_letters_were_typed() {
    assert_eq!(called(&["Ada"], "@ada @ADA @Ada @adam"), ["ada", "ADA", "Ada"]);
    assert_eq!(called(&["José"], "@jose\u{301} @josé"), ["jose\u{301}", "josé"]);
    assert_eq!(
        called(&["한"], "@\u{1112}\u{1161}\u{11ab}"),
        ["\u{1112}\u{1161}\u{11ab}"]
    );
    assert_eq!(called(&["Straße"], "@straße"), ["straße"]);
}

#[test]
fn names_of_several_words_and_of_no_letters_are_called_whole() {
    let people = ["김 철수", "김", "👩‍👩‍👧", "👩", "Ada Lovelace"];
    for (text, names) in [
        ("@김 철수 왔어요?", &["김 철수"][..]),
        ("@김 철수님", &["김 철수"]),
        ("@김 철", &["김"]),
        ("@김  철수", &["김"]),
        ("@ada lovelace's", &["ada lovelace"]),
        ("@👩‍👩‍👧 @👩!", &["👩‍👩‍👧", "👩"]),
    ] {
        assert_eq!(called(&people, text), names, "{text:?}");
    }
}

#[test]
fn who_was_chosen_comes_before_others_of_that_name_and_is_not_lost_with_it() {
    let [one, two, three] = [(); 3].map(|()| ids::user_id());
    let chosen = |user_id, name: &str| Chosen {
        user_id,
        names: vec![fold(name)],
        is_new: true,
    };
    let other = |name: &str| Ok::<_, Infallible>((name == "하나").then_some(three));
    let of = |text: &str, all: &[Chosen]| people(&resolve(&markup::calls(text), all, other).unwrap());
    assert_eq!(of("@하나", &[chosen(one, "하나")]), [one]);
    assert_eq!(
        of("@하나 @하나", &[chosen(one, "하나"), chosen(two, "하나")]),
        [one, two]
    );
    assert_eq!(of("하나", &[chosen(one, "하나")]), [], "there is no sign of it");
    let none = |_: &str| Ok::<_, Infallible>(None);
    let renamed = resolve(&markup::calls("@하나"), &[chosen(one, "두리")], none).unwrap();
    assert_eq!(renamed, [Mention(one, "".into())]);
}

#[test]
fn what_is_looked_at_is_bounded() {
    let text = "@𝐚 ".repeat(1_000);
    let words = markup::calls(&text);
    assert_eq!(words.len(), MENTIONS_MAX);
    assert!(
        words
            .iter()
            .all(|word| word.chars().count() <= 2 * NAME_CHARS_MAX)
    );
}
