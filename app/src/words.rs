//! The page's words. A refusal says what happened and what to do about it.

use client::link::Phase;
use client::outbox::State;
use client::tabs::Role;
use client::transport::Kind;
use protocol::{ErrorCode, UserId};

use crate::chat_app::Line;

pub(crate) const HEADING: &str = "채팅방";
pub(crate) const PLACEHOLDER: &str = "메시지를 입력하세요";
pub(crate) const SEND: &str = "보내기";
pub(crate) const TO_LOBBY: &str = "로비로";
pub(crate) const TIMELINE: &str = "메시지";
pub(crate) const EMPTY_ROOM: &str = "아직 메시지가 없습니다. 첫 메시지를 남겨 보세요.";
pub(crate) const ROOM_BEGINS: &str = "이 방의 첫 메시지입니다";
pub(crate) const OLDER: &str = "이전 메시지 보기";
pub(crate) const OLDER_LOADING: &str = "이전 메시지를 불러오는 중…";
pub(crate) const OLDER_FAILED: &str = "이전 메시지를 불러오지 못했습니다. 다시 시도";
pub(crate) const RETRY: &str = "다시 보내기";
pub(crate) const DISCARD: &str = "버리기";
pub(crate) const NOT_STORED: &str =
    "이 브라우저에 저장할 수 없어, 아직 보내지 못한 메시지는 이 탭을 닫으면 사라집니다.";

/// What is amiss with the line, or with the server at its other end; nothing when all is well.
pub(crate) const fn trouble(line: Line) -> &'static str {
    match (line.phase, line.held_by) {
        (Phase::Down, _) => "연결이 끊겼습니다. 다시 연결하는 중…",
        (Phase::Refused, _) => "서버가 연결을 거절했습니다. 페이지를 새로 고쳐 주세요.",
        (_, None) => "",
        (_, Some(ErrorCode::RateLimited)) => "메시지를 너무 빨리 보냈습니다. 잠시 뒤에 저절로 보냅니다.",
        (_, Some(ErrorCode::ReadOnly)) => "서버의 저장 공간이 가득 찼습니다. 자리가 나면 저절로 보냅니다.",
        (_, Some(_)) => "지금 서버가 바쁩니다. 잠시 뒤에 저절로 보냅니다.",
    }
}

/// When the next attempt to connect is made.
pub(crate) fn next_try(seconds: u64) -> String {
    let mut text = String::new();
    if seconds > 0 {
        text.push_str(" (");
        text.push_str(&seconds.to_string());
        text.push_str("초 뒤)");
    }
    text
}

/// How the page is connected, in a word.
pub(crate) const fn line(line: Line) -> &'static str {
    match (line.phase, line.kind) {
        (Phase::Idle, _) => "",
        (Phase::Connecting, _) => "연결 중…",
        (Phase::Down | Phase::Refused, _) => "끊김",
        (Phase::Online, Kind::WebSocket) => "실시간",
        (Phase::Online, Kind::Stream) => "SSE",
        (Phase::Online, Kind::LongPoll) => "롱 폴링",
        (Phase::Online, Kind::Poll) => "폴링",
    }
}

/// How the page is connected, in a sentence.
pub(crate) const fn line_title(line: Line) -> &'static str {
    match (line.phase, line.kind, line.role) {
        (Phase::Online, _, Role::Follower) => "다른 탭의 연결을 함께 쓰고 있습니다",
        (Phase::Online, Kind::WebSocket, _) => "WebSocket으로 연결되어 있습니다",
        (Phase::Online, Kind::Stream, _) => "WebSocket이 막혀 있어 서버 전송 이벤트(SSE)로 받고 있습니다",
        (Phase::Online, Kind::LongPoll, _) => {
            "WebSocket이 막혀 있어 기다리는 요청(롱 폴링)으로 받고 있습니다"
        }
        (Phase::Online, Kind::Poll, _) => "WebSocket이 막혀 있어 몇 초마다 물어서(폴링) 받고 있습니다",
        _ => "",
    }
}

/// How it is with a post that has no place in the room yet: a word, and where something has to be done, why.
pub(crate) const fn fate(state: State, phase: Phase) -> (&'static str, &'static str) {
    match state {
        State::Waiting if matches!(phase, Phase::Down | Phase::Refused) => ("연결되면 보냅니다", ""),
        State::Waiting => ("보내는 중…", ""),
        State::Sent => ("보냄", ""),
        State::Failed(code) => ("보내지 못함", refusal(code)),
        State::MaybeSent => (
            "보내졌을 수 있음",
            "이 메시지를 쓴 뒤 사용자가 바뀌었습니다. 다시 보내면 두 번 보일 수 있습니다.",
        ),
        State::NotSent => (
            "보내지 못함",
            "이 메시지를 쓴 뒤 사용자가 바뀌어 보내지 않았습니다.",
        ),
    }
}

/// What stands above the first message that was missed.
pub(crate) fn missed(count: u64) -> String {
    let mut text = String::from("놓친 메시지 ");
    text.push_str(&count.to_string());
    text.push_str("개를 불러왔습니다");
    text
}

/// What a person without a name is called: the end of the id tells guests apart (its start is a time).
pub(crate) fn guest(user_id: UserId) -> String {
    let id = user_id.to_string();
    let mut label = String::from("손님 ");
    label.push_str(id.get(id.len() - 4..).unwrap_or_default());
    label
}

/// Why something was refused and what to do, for the person who chats.
pub(crate) const fn refusal(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::TooLong | ErrorCode::TooBig => {
            "메시지가 너무 깁니다. 4,000자 안으로 줄이거나 나누어 보내 주세요."
        }
        ErrorCode::Empty => "내용이 없습니다. 메시지를 입력한 뒤 보내 주세요.",
        ErrorCode::ControlCharacters => "보낼 수 없는 제어 문자가 들어 있습니다. 지우고 다시 보내 주세요.",
        ErrorCode::RateLimited => "메시지를 너무 빨리 보냈습니다. 잠시 뒤에 다시 보내 주세요.",
        ErrorCode::Busy => "지금 서버가 바쁩니다. 잠시 뒤에 다시 보내 주세요.",
        ErrorCode::ReadOnly => "서버의 저장 공간이 가득 차 지금은 보낼 수 없습니다. 나중에 다시 보내 주세요.",
        ErrorCode::NoIdentity => "누구인지 확인하지 못했습니다. 페이지를 새로 고친 뒤 다시 보내 주세요.",
        ErrorCode::BadRoom | ErrorCode::NotFound => "이런 이름의 방은 없습니다. 주소를 확인해 주세요.",
        ErrorCode::ClientIdReused => {
            "이 양식으로 이미 다른 메시지를 보냈습니다. 한 번 더 누르면 새로 보냅니다."
        }
        ErrorCode::BadHost | ErrorCode::BadOrigin => {
            "이 주소에서는 보낼 수 없습니다. 서버 관리자에게 알려 주세요."
        }
        ErrorCode::TooManyRooms => "너무 많은 방에 들어와 있습니다. 다른 방을 닫고 다시 시도해 주세요.",
        ErrorCode::Internal
        | ErrorCode::BadJson
        | ErrorCode::BadFrame
        | ErrorCode::UnknownType
        | ErrorCode::Binary
        | ErrorCode::BadId
        | ErrorCode::BadCursor
        | ErrorCode::MethodNotAllowed => "보내지 못했습니다. 다시 한 번 보내 주세요.",
    }
}
