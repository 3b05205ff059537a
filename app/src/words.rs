//! The page's words. A refusal says what happened and what to do about it.

use protocol::{ErrorCode, UserId};

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
pub(crate) const PENDING: &str = "보내는 중…";
pub(crate) const DOWN: &str = "연결이 끊겼습니다. 다시 연결하는 중…";
pub(crate) const REFUSED: &str = "서버가 연결을 거절했습니다. 페이지를 새로 고쳐 주세요.";

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
        ErrorCode::BadName => {
            "쓸 수 없는 이름입니다. 한 줄로 1자에서 32자까지, 눈에 보이는 글자로 정해 주세요."
        }
        ErrorCode::BadEmoji => "이모지 하나만 고를 수 있습니다. 다시 골라 주세요.",
        ErrorCode::BadTopic => "쓸 수 없는 주제입니다. 줄 바꿈 없이 200자 안으로 적어 주세요.",
        ErrorCode::ClientIdReused => {
            "이 양식으로 이미 다른 메시지를 보냈습니다. 한 번 더 누르면 새로 보냅니다."
        }
        ErrorCode::BadHost | ErrorCode::BadOrigin => {
            "이 주소에서는 보낼 수 없습니다. 서버 관리자에게 알려 주세요."
        }
        ErrorCode::NoSuchMessage => "그런 메시지가 없습니다. 화면을 새로고침해 주세요.",
        ErrorCode::NotYours => "다른 사람의 메시지는 바꿀 수 없습니다.",
        ErrorCode::Deleted => "지워진 메시지입니다.",
        ErrorCode::TooManyReactions => "이 메시지에는 반응을 더 달 수 없습니다. 이미 있는 것을 골라 주세요.",
        ErrorCode::TooManyPeople => "사람이 많은 방에서는 누가 읽었는지 보여 주지 않습니다.",
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
