//! The emoji one can put to a message: those that are used most, in a few groups.

use maud::html;

use super::title::titled;
use crate::page_words as words;
use crate::words::Lang;

/// An emoji, and what it is called in Korean and in English.
type Named = (&'static str, &'static str, &'static str);

/// A group: what it is called in Korean and in English, and what is in it.
type Group = (&'static str, &'static str, &'static [Named]);

/// The list to choose from, and a field to look through it; `page/hands/emoji.js` does that.
#[must_use]
pub fn emoji(lang: Lang) -> String {
    let words = words::of(lang);
    let fragment = html! {
        (titled(words.emoji()))
        div .emoji-list {
            input
                class="emoji-search"
                type="search"
                autofocus
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                placeholder=(words.emoji_to_find())
                aria-label=(words.emoji_to_find());
            p .fragment-empty hidden role="status" { (words.no_emoji()) }
            @for (number, (korean, english, emoji)) in GROUPS.iter().enumerate() {
                h3 .fragment-subtitle id={ "emoji-group-" (number) } { (said(lang, korean, english)) }
                div .emoji-group role="group" aria-labelledby={ "emoji-group-" (number) } {
                    @for (at, (sign, korean, english)) in emoji.iter().enumerate() {
                        button
                            type="button"
                            tabindex=[(number + at > 0).then_some("-1")]
                            data-act="react"
                            data-emoji=(sign)
                            data-find={ (sign) " " (korean) " " (english.to_lowercase()) }
                            title=(said(lang, korean, english))
                            aria-label=(said(lang, korean, english))
                        {
                            (sign)
                        }
                    }
                }
            }
        }
    };
    fragment.into_string()
}

/// What an emoji of the list is called; nothing of one that is not in it.
pub(in super::super) fn name(lang: Lang, sign: &str) -> &'static str {
    let mut all = GROUPS.iter().flat_map(|(_, _, emoji)| *emoji);
    all.find(|(known, ..)| *known == sign)
        .map_or("", |(_, korean, english)| said(lang, korean, english))
}

const fn said(lang: Lang, korean: &'static str, english: &'static str) -> &'static str {
    match lang {
        Lang::Ko => korean,
        Lang::En => english,
    }
}

const GROUPS: &[Group] = &[
    (
        "얼굴",
        "Smileys",
        &[
            ("😀", "활짝 웃는 얼굴", "grinning"),
            ("😄", "눈웃음", "smiling eyes"),
            ("😁", "싱긋", "beaming"),
            ("😆", "깔깔", "laughing"),
            ("😅", "진땀 웃음", "sweat smile"),
            ("😂", "웃다가 눈물", "tears of joy"),
            ("🤣", "떼굴떼굴", "rolling laughing"),
            ("🙂", "미소", "slight smile"),
            ("😉", "윙크", "wink"),
            ("😊", "흐뭇", "blushing smile"),
            ("🥰", "사랑스러움", "smiling with hearts"),
            ("😍", "하트 눈", "heart eyes"),
            ("😋", "냠냠", "yum"),
            ("😜", "메롱", "winking tongue"),
            ("🤗", "안아 주기", "hug"),
            ("🤔", "생각 중", "thinking"),
            ("🤨", "갸우뚱", "raised eyebrow"),
            ("😐", "무표정", "neutral"),
            ("🙄", "눈 굴리기", "rolling eyes"),
            ("😏", "씨익", "smirk"),
            ("😬", "어색함", "grimace"),
            ("😴", "졸림", "sleeping"),
            ("😎", "선글라스", "cool"),
            ("🥳", "파티 얼굴", "partying"),
            ("😮", "놀람", "surprised"),
            ("🥺", "애원", "pleading"),
            ("😢", "슬픔", "sad"),
            ("😭", "엉엉", "crying"),
            ("😱", "비명", "screaming"),
            ("😡", "화남", "angry"),
            ("🤯", "충격", "mind blown"),
            ("🫠", "녹아내림", "melting"),
            ("🤒", "아픔", "ill"),
            ("🫡", "경례", "salute"),
        ],
    ),
    (
        "손과 몸짓",
        "Gestures",
        &[
            ("👍", "좋아요", "thumbs up"),
            ("👎", "싫어요", "thumbs down"),
            ("👌", "오케이", "OK hand"),
            ("✌️", "브이", "victory"),
            ("🤞", "행운을 빌어요", "fingers crossed"),
            ("🫶", "손 하트", "heart hands"),
            ("👏", "박수", "clap"),
            ("🙌", "만세", "raised hands"),
            ("🙏", "고마워요", "thanks"),
            ("👋", "안녕", "wave"),
            ("🤝", "악수", "handshake"),
            ("💪", "힘내요", "strong"),
            ("👀", "보고 있어요", "eyes"),
            ("✋", "손들기", "raised hand"),
            ("👉", "오른쪽", "point right"),
            ("👇", "아래", "point down"),
            ("✍️", "적는 중", "writing"),
            ("🙋", "저요", "me"),
            ("🙆", "좋다는 몸짓", "okay gesture"),
            ("🙅", "안 된다는 몸짓", "no gesture"),
            ("🤷", "모르겠어요", "shrug"),
            ("🤦", "이런", "facepalm"),
            ("🙇", "꾸벅", "bow"),
        ],
    ),
    (
        "마음과 기호",
        "Hearts and signs",
        &[
            ("❤️", "빨간 하트", "red heart"),
            ("🧡", "주황 하트", "orange heart"),
            ("💛", "노란 하트", "yellow heart"),
            ("💚", "초록 하트", "green heart"),
            ("💙", "파란 하트", "blue heart"),
            ("💜", "보라 하트", "purple heart"),
            ("💔", "깨진 하트", "broken heart"),
            ("💯", "백 점", "hundred"),
            ("✅", "완료", "done"),
            ("❌", "엑스", "cross"),
            ("❗", "느낌표", "exclamation"),
            ("❓", "물음표", "question"),
            ("⚠️", "주의", "warning"),
            ("⭐", "별", "star"),
            ("✨", "반짝", "sparkles"),
            ("🔥", "불", "fire"),
            ("💡", "아이디어", "idea"),
            ("➕", "더하기", "plus"),
        ],
    ),
    (
        "축하와 놀이",
        "Celebration and play",
        &[
            ("🎉", "축하", "party popper"),
            ("🎊", "축하 공", "confetti ball"),
            ("🎂", "생일 케이크", "birthday cake"),
            ("🎁", "선물", "gift"),
            ("🏆", "트로피", "trophy"),
            ("🥇", "금메달", "gold medal"),
            ("🎵", "음악", "music"),
            ("⚽", "축구", "football"),
            ("🎮", "게임", "game"),
            ("🎬", "영화", "film"),
        ],
    ),
    (
        "동물과 자연",
        "Animals and nature",
        &[
            ("🐶", "강아지", "dog"),
            ("🐱", "고양이", "cat"),
            ("🐰", "토끼", "rabbit"),
            ("🐻", "곰", "bear"),
            ("🐯", "호랑이", "tiger"),
            ("🐥", "병아리", "chick"),
            ("🐢", "거북이", "turtle"),
            ("🐳", "고래", "whale"),
            ("🌸", "벚꽃", "cherry blossom"),
            ("🍀", "네 잎 클로버", "four-leaf clover"),
            ("🌱", "새싹", "seedling"),
            ("☀️", "해", "sun"),
            ("🌧️", "비", "rain"),
            ("❄️", "눈", "snow"),
            ("🌈", "무지개", "rainbow"),
            ("🌙", "달", "moon"),
        ],
    ),
    (
        "먹을거리",
        "Food and drink",
        &[
            ("☕", "커피", "coffee"),
            ("🍵", "차", "tea"),
            ("🍺", "맥주", "beer"),
            ("🍚", "밥", "rice"),
            ("🍜", "국수", "noodles"),
            ("🍗", "치킨", "chicken"),
            ("🍕", "피자", "pizza"),
            ("🍔", "햄버거", "burger"),
            ("🍰", "조각 케이크", "cake"),
            ("🍎", "사과", "apple"),
        ],
    ),
    (
        "일과 물건",
        "Work and things",
        &[
            ("💻", "노트북", "laptop"),
            ("📱", "휴대 전화", "phone"),
            ("📅", "달력", "calendar"),
            ("📌", "압정", "pin"),
            ("📎", "클립", "paperclip"),
            ("📝", "메모", "memo"),
            ("📊", "그래프", "chart"),
            ("🔍", "찾기", "search"),
            ("🔒", "자물쇠", "lock"),
            ("🔧", "고치는 중", "wrench"),
            ("🐛", "버그", "bug"),
            ("🚀", "로켓", "rocket"),
            ("🚧", "공사 중", "under construction"),
            ("⏰", "알람", "alarm"),
            ("📢", "알림", "announcement"),
            ("💰", "돈", "money"),
            ("🏠", "집", "home"),
            ("🚗", "자동차", "car"),
            ("✈️", "비행기", "plane"),
        ],
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use protocol::Emoji;

    use super::*;

    #[test]
    fn every_emoji_is_one_the_server_takes_and_has_names_of_its_own() {
        let (mut signs, mut korean, mut english) = (HashSet::new(), HashSet::new(), HashSet::new());
        for named in GROUPS.iter().flat_map(|(_, _, emoji)| *emoji) {
            assert!(Emoji::parse(named.0).is_ok(), "{named:?}");
            for (names, name) in [
                (&mut signs, named.0),
                (&mut korean, named.1),
                (&mut english, named.2),
            ] {
                assert!(!name.is_empty() && names.insert(name), "{named:?}");
            }
        }
        assert!((110..=140).contains(&signs.len()), "{}", signs.len());
    }

    #[test]
    fn the_list_says_what_each_is_called_in_the_language_of_the_page() {
        assert!(
            emoji(Lang::Ko).contains("data-find=\"🎉 축하 party popper\" title=\"축하\" aria-label=\"축하\"")
        );
        assert!(emoji(Lang::En).contains("title=\"party popper\" aria-label=\"party popper\""));
    }
}
