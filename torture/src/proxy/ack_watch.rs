//! Finding the place between commit and ack in what a server sends.

/// Finds where the first word that a post was committed stands: its `ack`, or the author's own `message` event.
///
/// Acks and events leave the server only after the commit, so a connection that is cut in front of one is cut between
/// commit and ack. The server's frames are neither masked nor compressed (RFC 6455, section 5.3), on every transport
/// they are the same JSON, and within a text of JSON these marks cannot stand, for their quotes would be escaped. So
/// the marks are looked for in the bytes, whatever carries them.
///
/// Who the author is stands in the first frame of a socket or stream. There a mark counts only when the client has
/// sent something since it joined its room: events that are being caught up are no answer to a post.
#[derive(Debug, Default)]
pub(super) struct AckWatch {
    /// The end of what was seen, as long as a mark may begin there.
    tail: Vec<u8>,
    own: Option<Vec<u8>>,
    has_joined: bool,
    has_sent: bool,
}

const ACK: &[u8] = br#""type":"ack""#;
const JOINED: &[u8] = br#""type":"joined""#;
const GREETING: &[u8] = br#"{"type":"userId","userId":"#;
/// `"userId":"` with the id and its closing quote.
const OWN_BYTES: usize = 10 + 36 + 1;
/// The longest that is looked for, with what has to stand behind it.
const TAIL_BYTES: usize = GREETING.len() + 38;

impl AckWatch {
    /// The client sent something.
    pub(super) fn sent(&mut self) {
        self.has_sent |= self.has_joined;
    }

    /// Takes what the server sent; how many of these bytes can go on so that the first mark is not complete.
    /// `None` when there is no mark in them.
    pub(super) fn find(&mut self, chunk: &[u8]) -> Option<usize> {
        let seen = self.tail.len();
        let mut bytes = std::mem::take(&mut self.tail);
        bytes.extend_from_slice(chunk);
        if self.own.is_none()
            && let Some(at) = position(&bytes, GREETING)
            && let Some(id) = bytes.get(at + GREETING.len()..at + GREETING.len() + 38)
        {
            self.own = Some([br#""userId":"#, id].concat());
        }
        // Without a greeting it is a request's answer, which is about nothing but the request.
        let is_stream = self.own.is_some();
        let ack = marks(&bytes, ACK, seen).next();
        let own = self.own.as_ref().and_then(|own| {
            // The greeting itself has the mark in it.
            marks(&bytes, own, seen).find(|&at| !bytes[..at].ends_with(br#"{"type":"userId","#))
        });
        let mark = match (ack, own) {
            (Some(ack), Some(own)) => Some(ack.min(own)),
            (ack, own) => ack.or(own),
        };
        let counts = !is_stream || self.has_sent;
        self.has_joined |= position(&bytes, JOINED).is_some();
        let keep = bytes.len().min(TAIL_BYTES.max(OWN_BYTES) - 1);
        self.tail = bytes.split_off(bytes.len() - keep);
        mark.filter(|_| counts).map(|at| at.saturating_sub(seen))
    }
}

fn position(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    bytes.windows(mark.len()).position(|window| window == mark)
}

/// The places of a mark that is not complete within the first `seen` bytes: those were looked at before.
fn marks<'a>(bytes: &'a [u8], mark: &'a [u8], seen: usize) -> impl Iterator<Item = usize> + 'a {
    let from = (seen + 1).saturating_sub(mark.len());
    let places = bytes.len().saturating_sub(mark.len() - 1);
    (from..places).filter(move |&at| bytes[at..].starts_with(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: &str = "01a20bae-7f92-7bdd-8477-33107c2d9d66";
    const OTHER: &str = "01a20bae-7f92-7bdd-8477-33107c2d9d67";

    fn greeting() -> String {
        format!(r#"{{"type":"userId","userId":"{ME}","epoch":"x"}}"#)
    }

    fn event(user: &str) -> String {
        format!(r#"{{"type":"message","room":"r","seq":3,"userId":"{user}","message":"\"type\":\"ack\""}}"#)
    }

    /// A stream's watch that has seen the greeting and a join, and a post on its way.
    fn joined() -> AckWatch {
        let mut watch = AckWatch::default();
        assert_eq!(watch.find(greeting().as_bytes()), None);
        assert_eq!(watch.find(br#"{"type":"joined","room":"r"}"#), None);
        watch.sent();
        watch
    }

    #[test]
    fn the_ack_of_a_request_is_found_wherever_the_pieces_end() {
        let text = r#"{"cursor":"AB","frames":[{"type":"ack","clientId":"c","seq":1}]}"#;
        let at = text.find(r#""type""#).unwrap();
        for piece in 1..text.len() {
            let mut watch = AckWatch::default();
            let mut forwarded = 0;
            let found = text.as_bytes().chunks(piece).any(|chunk| {
                let end = watch.find(chunk);
                forwarded += end.unwrap_or(chunk.len());
                end.is_some()
            });
            assert!(found, "pieces of {piece}");
            assert!(
                forwarded < at + ACK.len(),
                "pieces of {piece}: the mark had gone by"
            );
        }
    }

    #[test]
    fn ones_own_event_is_as_good_as_the_ack_and_anothers_is_not() {
        assert_eq!(joined().find(event(OTHER).as_bytes()), None);
        let text = event(ME);
        let at = text.find(r#""userId""#).unwrap();
        assert_eq!(joined().find(text.as_bytes()), Some(at));
    }

    #[test]
    fn what_is_caught_up_is_no_answer_to_a_post() {
        let mut watch = AckWatch::default();
        watch.find(greeting().as_bytes());
        watch.find(br#"{"type":"joined","room":"r"}"#);
        assert_eq!(watch.find(event(ME).as_bytes()), None, "nothing was sent yet");
        watch.sent();
        assert!(watch.find(br#"{"type":"ack","clientId":"c"}"#).is_some());
    }

    #[test]
    fn the_greeting_and_a_text_that_looks_like_an_ack_are_no_marks() {
        let mut watch = joined();
        assert_eq!(watch.find(greeting().as_bytes()), None);
        assert_eq!(watch.find(event(OTHER).as_bytes()), None);
    }
}
