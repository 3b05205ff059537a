//! Korean.

use crate::words::{Words, WrittenWords};

pub(super) static WORDS: Words = WrittenWords {
    tag: "ko",

    brand: "마당",
    heading: "채팅방",
    rooms: "방 목록",
    lobby: "로비",
    to_lobby: "로비로",
    settings: "설정",

    timeline: "메시지",
    empty_title: "아직 메시지가 없습니다.",
    empty_hint: "첫 메시지를 남겨 보세요.",
    room_begins: "이 방의 첫 메시지입니다",
    older: "이전 메시지 보기",
    older_loading: "이전 메시지를 불러오는 중…",
    older_failed: "이전 메시지를 불러오지 못했습니다. 다시 시도",
    missed_some: "놓친 메시지 {}개를 불러왔습니다",
    guest_named: "손님 {}",

    placeholder: "메시지를 입력하세요",
    send: "보내기",

    connecting: "연결 중…",
    cut: "끊김",
    live: "실시간",
    stream: "SSE",
    long_poll: "롱 폴링",
    poll: "폴링",
    by_other_tab: "다른 탭의 연결을 함께 쓰고 있습니다",
    by_socket: "WebSocket으로 연결되어 있습니다",
    by_stream: "WebSocket이 막혀 있어 서버 전송 이벤트(SSE)로 받고 있습니다",
    by_long_poll: "WebSocket이 막혀 있어 기다리는 요청(롱 폴링)으로 받고 있습니다",
    by_poll: "WebSocket이 막혀 있어 몇 초마다 물어서(폴링) 받고 있습니다",

    trouble_cut: "연결이 끊겼습니다. 다시 연결하는 중…",
    trouble_refused: "서버가 연결을 거절했습니다. 페이지를 새로 고쳐 주세요.",
    trouble_rate: "메시지를 너무 빨리 보냈습니다. 잠시 뒤에 저절로 보냅니다.",
    trouble_full: "서버의 저장 공간이 가득 찼습니다. 자리가 나면 저절로 보냅니다.",
    trouble_busy: "지금 서버가 바쁩니다. 잠시 뒤에 저절로 보냅니다.",
    next_try_in: " ({}초 뒤)",
    not_stored: "이 브라우저에 저장할 수 없어, 아직 보내지 못한 메시지는 이 탭을 닫으면 사라집니다.",

    sends_when_connected: "연결되면 보냅니다",
    sending: "보내는 중…",
    sent: "보냄",
    not_sent: "보내지 못함",
    maybe_sent: "보내졌을 수 있음",
    why_maybe_sent: "이 메시지를 쓴 뒤 사용자가 바뀌었습니다. 다시 보내면 두 번 보일 수 있습니다.",
    why_not_sent: "이 메시지를 쓴 뒤 사용자가 바뀌어 보내지 않았습니다.",
    retry: "다시 보내기",
    discard: "버리기",

    too_long: "메시지가 너무 깁니다. 4,000자 안으로 줄이거나 나누어 보내 주세요.",
    empty: "내용이 없습니다. 메시지를 입력한 뒤 보내 주세요.",
    control_characters: "보낼 수 없는 제어 문자가 들어 있습니다. 지우고 다시 보내 주세요.",
    too_fast: "메시지를 너무 빨리 보냈습니다. 잠시 뒤에 다시 보내 주세요.",
    busy: "지금 서버가 바쁩니다. 잠시 뒤에 다시 보내 주세요.",
    full: "서버의 저장 공간이 가득 차 지금은 보낼 수 없습니다. 나중에 다시 보내 주세요.",
    no_identity: "누구인지 확인하지 못했습니다. 페이지를 새로 고친 뒤 다시 보내 주세요.",
    no_room: "이런 이름의 방은 없습니다. 주소를 확인해 주세요.",
    bad_name: "쓸 수 없는 이름입니다. 한 줄로 1자에서 32자까지, 눈에 보이는 글자로 정해 주세요.",
    bad_emoji: "이모지 하나만 고를 수 있습니다. 다시 골라 주세요.",
    bad_topic: "쓸 수 없는 주제입니다. 줄 바꿈 없이 200자 안으로 적어 주세요.",
    form_reused: "이 양식으로 이미 다른 메시지를 보냈습니다. 한 번 더 누르면 새로 보냅니다.",
    not_from_here: "이 주소에서는 보낼 수 없습니다. 서버 관리자에게 알려 주세요.",
    too_many_rooms: "너무 많은 방에 들어와 있습니다. 다른 방을 닫고 다시 시도해 주세요.",
    not_done: "보내지 못했습니다. 다시 한 번 보내 주세요.",
}
.table();
