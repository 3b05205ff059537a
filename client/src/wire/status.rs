//! How the connection is, as the leading tab tells the others.

use crate::model::status::{LineInUse, Phase, Status};
use crate::model::transport::Transport;
use crate::wire::fields::field;
use crate::wire::json::Value;

/// The state of the leader's connection, as another tab reads it.
#[derive(Debug)]
pub(crate) struct StatusReport {
    pub(crate) status: Status,
    pub(crate) line: Option<LineInUse>,
    /// What the person is called.
    pub(crate) name: Option<Box<str>>,
}

impl Status {
    /// As text for the other tabs, together with the line and our name. Times are said as spans: every tab has its own
    /// clock.
    pub(crate) fn write(&self, now: u64, up: Option<LineInUse>, name: Option<&str>) -> String {
        let mut text = String::from(r#"{"phase":"#);
        text += &(self.phase as u8).to_string();
        let down_ms = self.down_since.map(|since| now.saturating_sub(since));
        let next_ms = self.next_try.map(|at| at.saturating_sub(now));
        let line = up.map(|up| u64::from(up.line));
        let transport = Some(u64::from(self.transport.number()));
        for (name, number) in [
            (r#","kind":"#, transport),
            (r#","down":"#, down_ms),
            (r#","next":"#, next_ms),
            (r#","line":"#, line),
            (r#","refused":"#, Some(u64::from(self.refused))),
        ] {
            if let Some(number) = number {
                text += name;
                text += &number.to_string();
            }
        }
        if let Some(up) = up {
            field(&mut text, "userId", &up.user_id.to_string());
            field(&mut text, "epoch", &up.epoch.to_string());
        }
        if let Some(name) = name {
            field(&mut text, "name", name);
        }
        text.push('}');
        text
    }

    /// Reads what [`Status::write`] wrote in the tab of this number.
    pub(crate) fn read(now: u64, tab: u32, text: &str) -> Option<StatusReport> {
        let value = Value::read(text)?;
        let phases = [
            Phase::Idle,
            Phase::Connecting,
            Phase::Online,
            Phase::Down,
            Phase::Refused,
        ];
        let status = Self {
            phase: *phases.get(usize::try_from(value.number("phase")?).ok()?)?,
            transport: Transport::from_number(value.number("kind")?)?,
            down_since: value.number("down").map(|ms| now.saturating_sub(ms)),
            next_try: value.number("next").map(|ms| now + ms),
            refused: value.number("refused")?.try_into().ok()?,
        };
        let up = || {
            Some(LineInUse {
                tab,
                line: value.number("line")?.try_into().ok()?,
                user_id: value.text("userId")?.parse().ok()?,
                epoch: value.text("epoch")?.parse().ok()?,
            })
        };
        Some(StatusReport {
            status,
            line: up(),
            name: value.text("name").map(Box::from),
        })
    }
}
