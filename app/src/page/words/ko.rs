//! Korean.

use super::{PageWords, WrittenPageWords};

pub(super) static WORDS: PageWords = WrittenPageWords {
    settings: "설정",
    close: "닫기",
    language: "언어",
    theme: "화면",
    theme_system: "시스템",
    theme_light: "밝게",
    theme_dark: "어둡게",

    no_script: "스크립트가 꺼져 있어, 새 메시지는 새로 고쳐야 보입니다.",
    reload: "새로 고침",

    nothing_here: "없는 주소입니다",
    nothing_here_why: "이 주소에는 아무것도 없습니다. 주소를 확인해 주세요.",
    not_a_room: "방 이름이 아닙니다",
    not_a_room_why: "방 이름은 글자와 숫자, -와 _로 된 1~32자이고, 로마자는 소문자로 씁니다. 주소를 확인해 주세요.",
    not_understood: "알 수 없는 요청입니다",
    not_understood_why: "보낸 내용을 알아볼 수 없었습니다. 앞 페이지로 돌아가 다시 시도해 주세요.",
    to_lobby: "로비로 가기",

    day: "{year}년 {month} {day}일 {weekday}",
    months: "1월 2월 3월 4월 5월 6월 7월 8월 9월 10월 11월 12월",
    weekdays: "일요일 월요일 화요일 수요일 목요일 금요일 토요일",
}
.table();
