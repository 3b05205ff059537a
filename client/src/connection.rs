//! The line to the server: when to open one, when to give it up, when to come back.
//!
//! It does not know what kind of line it is (a socket now, others later) nor what is said on it, only that
//! something was. Each line has a number, so that a late word from one that was given up is not taken for its
//! successor's.

use protocol::close::may_come_back;
use protocol::limits::SILENCE_MAX_MS;

use crate::Now;
use crate::backoff::Backoff;
use crate::limits::{OPEN_MAX_MS, PROBE_MAX_MS, RECONNECT_MAX_MS};

/// The number of a line; each attempt has its own.
pub type Line = u32;

/// What happens to a connection.
#[derive(Clone, Copy, Debug)]
pub enum Input {
    /// The page is there: connect.
    Mount,
    /// The page goes: close, and stay closed.
    Unmount,
    /// A frame arrived on the line, of whatever kind.
    Heard(Line),
    /// The server asked to come back after so many milliseconds; the close follows.
    Bye(Line, u64),
    /// The line ended with this close code (1006 when it never opened).
    Closed(Line, u16),
    /// The line brings nothing but trouble: give it up and come back after the backoff.
    Drop,
    /// The time set by [`Effect::Timer`] has come.
    Timer,
    /// The browser is on a network again, or the page became visible: the line may have died unnoticed.
    Awake,
}

/// What a connection asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Open a line with this number. `identify`: call `GET /api/v1/me` first, because the last attempt got nowhere
    /// and a lost identity would be a reason.
    Open {
        /// The new line's number.
        line: Line,
        /// Whether to ask who we are first.
        identify: bool,
    },
    /// Send a `ping`.
    Ping,
    /// Close the line; nothing more is expected of it.
    Close,
    /// Come back with [`Input::Timer`] after so many milliseconds; replaces the time set before.
    Timer(u64),
    /// Forget the time that was set.
    ClearTimer,
    /// The status is another one now.
    Status(Status),
}

/// How things stand, for the person in front of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// Not connected, and nobody asked for it.
    #[default]
    Idle,
    /// The first attempt is under way: nothing to worry about yet.
    Connecting,
    /// Connected, and the server has spoken.
    Online,
    /// The line is down; it is being tried again.
    Down,
    /// The server does not want this client back.
    Refused,
}

#[derive(Debug)]
enum State {
    Idle,
    /// Opening, or open and not heard from yet (an open line is worth nothing); given up at this time.
    Opening {
        until: u64,
    },
    /// In use.
    Open {
        heard: u64,
        probe: Option<u64>,
    },
    /// Between two attempts, until this time.
    Waiting {
        until: u64,
    },
    Refused,
}

/// The state machine of the line.
#[derive(Debug)]
pub struct Connection {
    state: State,
    line: Line,
    backoff: Backoff,
    /// What a `bye` asked for.
    come_back_ms: Option<u64>,
    /// Whether the next attempt asks for an identity first.
    identify: bool,
    status: Status,
}

impl Connection {
    /// A connection that is not there yet. `identify`: the page came without an identity of its own.
    #[must_use]
    pub fn new(identify: bool) -> Self {
        Self {
            state: State::Idle,
            line: 0,
            backoff: Backoff::default(),
            come_back_ms: None,
            identify,
            status: Status::Idle,
        }
    }

    /// How things stand.
    #[must_use]
    pub fn status(&self) -> Status {
        self.status
    }

    /// Whether what is heard on this line counts.
    #[must_use]
    pub fn is_current(&self, line: Line) -> bool {
        line == self.line && matches!(self.state, State::Opening { .. } | State::Open { .. })
    }

    /// Takes one input.
    pub fn step(&mut self, now: Now, input: Input, effects: &mut Vec<Effect>) {
        match input {
            Input::Mount if matches!(self.state, State::Idle) => {
                self.tell(Status::Connecting, effects);
                self.open(now, effects);
            }
            Input::Unmount => self.stop(State::Idle, Status::Idle, effects),
            Input::Heard(line) | Input::Bye(line, _) | Input::Closed(line, _) if !self.is_current(line) => {}
            Input::Heard(_) => self.heard(now, effects),
            Input::Bye(_, reconnect_ms) => {
                self.come_back_ms = Some(reconnect_ms.min(RECONNECT_MAX_MS));
            }
            Input::Closed(_, code) if !may_come_back(code) => {
                self.stop(State::Refused, Status::Refused, effects);
            }
            Input::Closed(..) => self.lost(now, effects),
            Input::Drop if matches!(self.state, State::Opening { .. } | State::Open { .. }) => {
                effects.push(Effect::Close);
                self.lost(now, effects);
            }
            Input::Timer => self.timer(now, effects),
            Input::Awake => self.awake(now, effects),
            Input::Mount | Input::Drop => {}
        }
    }

    fn open(&mut self, now: Now, effects: &mut Vec<Effect>) {
        self.line = self.line.wrapping_add(1);
        self.state = State::Opening {
            until: now.ms + OPEN_MAX_MS,
        };
        self.come_back_ms = None;
        effects.push(Effect::Open {
            line: self.line,
            identify: self.identify,
        });
        // Until a frame says otherwise, this attempt got nowhere.
        self.identify = true;
        effects.push(Effect::Timer(OPEN_MAX_MS));
    }

    fn heard(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if matches!(self.state, State::Opening { .. }) {
            self.backoff.reset();
            self.identify = false;
            self.tell(Status::Online, effects);
            effects.push(Effect::Timer(SILENCE_MAX_MS));
        }
        // The timer is not set anew for every frame: when it comes it looks at when the last one was.
        self.state = State::Open {
            heard: now.ms,
            probe: None,
        };
    }

    fn lost(&mut self, now: Now, effects: &mut Vec<Effect>) {
        let wait = match self.come_back_ms.take() {
            Some(ms) => ms,
            None => self.backoff.next_ms(now.random),
        };
        self.state = State::Waiting { until: now.ms + wait };
        self.tell(Status::Down, effects);
        effects.push(Effect::Timer(wait));
    }

    fn stop(&mut self, state: State, status: Status, effects: &mut Vec<Effect>) {
        if matches!(self.state, State::Opening { .. } | State::Open { .. }) {
            effects.push(Effect::Close);
        }
        self.state = state;
        effects.push(Effect::ClearTimer);
        self.tell(status, effects);
    }

    fn timer(&mut self, now: Now, effects: &mut Vec<Effect>) {
        let due = match self.state {
            State::Idle | State::Refused => return,
            State::Opening { until } | State::Waiting { until } => until,
            State::Open { heard, probe } => probe.unwrap_or(heard + SILENCE_MAX_MS),
        };
        if now.ms < due {
            effects.push(Effect::Timer(due - now.ms));
        } else if let State::Waiting { .. } = self.state {
            self.open(now, effects);
        } else {
            effects.push(Effect::Close);
            self.lost(now, effects);
        }
    }

    fn awake(&mut self, now: Now, effects: &mut Vec<Effect>) {
        match &mut self.state {
            State::Waiting { .. } => self.open(now, effects),
            State::Open { probe, .. } if probe.is_none() => {
                *probe = Some(now.ms + PROBE_MAX_MS);
                effects.push(Effect::Ping);
                effects.push(Effect::Timer(PROBE_MAX_MS));
            }
            _ => {}
        }
    }

    fn tell(&mut self, status: Status, effects: &mut Vec<Effect>) {
        if self.status != status {
            self.status = status;
            effects.push(Effect::Status(status));
        }
    }
}

#[cfg(test)]
mod tests {
    use protocol::CloseCode;

    use super::*;

    /// A connection, a clock and always the longest jitter.
    struct Bench {
        connection: Connection,
        now: u64,
    }

    impl Bench {
        fn new() -> Self {
            Self {
                connection: Connection::new(false),
                now: 1_000,
            }
        }

        fn step(&mut self, input: Input) -> Vec<Effect> {
            let mut effects = Vec::new();
            let now = Now {
                ms: self.now,
                random: u32::MAX,
            };
            self.connection.step(now, input, &mut effects);
            effects
        }

        /// Lets the time pass that the machine asked to wait, and wakes it.
        fn after(&mut self, ms: u64) -> Vec<Effect> {
            self.now += ms;
            self.step(Input::Timer)
        }

        fn online() -> Self {
            let mut bench = Self::new();
            bench.step(Input::Mount);
            bench.step(Input::Heard(1));
            bench
        }
    }

    fn open(line: Line, identify: bool) -> Effect {
        Effect::Open { line, identify }
    }

    #[test]
    fn it_opens_on_mount_is_online_when_the_server_spoke_and_closes_on_unmount() {
        let mut bench = Bench::new();
        let effects = bench.step(Input::Mount);
        assert_eq!(
            effects,
            [
                Effect::Status(Status::Connecting),
                open(1, false),
                Effect::Timer(OPEN_MAX_MS)
            ]
        );
        assert_eq!(bench.step(Input::Mount), [], "mounting twice opens once");
        let effects = bench.step(Input::Heard(1));
        assert_eq!(
            effects,
            [Effect::Status(Status::Online), Effect::Timer(SILENCE_MAX_MS)]
        );
        let effects = bench.step(Input::Unmount);
        assert_eq!(
            effects,
            [Effect::Close, Effect::ClearTimer, Effect::Status(Status::Idle)]
        );
        assert_eq!(
            bench.step(Input::Closed(1, 1000)),
            [],
            "what comes later is nobody's"
        );
        assert_eq!(bench.step(Input::Timer), []);
    }

    #[test]
    fn a_server_that_accepts_and_drops_is_not_hammered() {
        let mut bench = Bench::new();
        bench.step(Input::Mount);
        let mut waits = Vec::new();
        for line in 1..=8 {
            let effects = bench.step(Input::Closed(line, 1006));
            let Some(Effect::Timer(wait)) = effects.last().copied() else {
                panic!("{effects:?}")
            };
            waits.push(wait);
            assert_eq!(bench.after(wait)[0], open(line + 1, true));
        }
        assert_eq!(waits, [200, 400, 800, 1_600, 3_200, 6_400, 12_800, 15_000]);
        bench.step(Input::Heard(9));
        let effects = bench.step(Input::Closed(9, 1006));
        assert_eq!(
            effects,
            [Effect::Status(Status::Down), Effect::Timer(200)],
            "a frame starts it over"
        );
        assert_eq!(bench.after(200)[0], open(10, false), "and the identity was good");
    }

    #[test]
    fn a_line_that_does_not_open_or_says_nothing_is_given_up() {
        let mut bench = Bench::new();
        bench.step(Input::Mount);
        let effects = bench.after(OPEN_MAX_MS);
        assert_eq!(
            effects,
            [Effect::Close, Effect::Status(Status::Down), Effect::Timer(200)]
        );
        assert_eq!(bench.step(Input::Heard(1)), [], "it comes too late");
        assert_eq!(bench.connection.status(), Status::Down);
    }

    #[test]
    fn a_dead_line_is_noticed_by_its_silence_and_every_frame_counts() {
        let mut bench = Bench::online();
        bench.now += SILENCE_MAX_MS - 10;
        assert_eq!(bench.step(Input::Heard(1)), []);
        assert_eq!(bench.after(10), [Effect::Timer(SILENCE_MAX_MS - 10)]);
        let effects = bench.after(SILENCE_MAX_MS - 10);
        assert_eq!(
            effects,
            [Effect::Close, Effect::Status(Status::Down), Effect::Timer(200)]
        );
    }

    #[test]
    fn waking_up_comes_back_at_once_or_asks_whether_the_line_is_alive() {
        let mut bench = Bench::online();
        assert_eq!(
            bench.step(Input::Awake),
            [Effect::Ping, Effect::Timer(PROBE_MAX_MS)]
        );
        assert_eq!(bench.step(Input::Awake), [], "one question at a time");
        bench.step(Input::Heard(1));
        assert_eq!(
            bench.after(PROBE_MAX_MS),
            [Effect::Timer(SILENCE_MAX_MS - PROBE_MAX_MS)]
        );
        bench.step(Input::Awake);
        let effects = bench.after(PROBE_MAX_MS);
        assert_eq!(effects[0], Effect::Close, "no answer");
        assert_eq!(
            bench.step(Input::Awake)[0],
            open(2, false),
            "no waiting when somebody looks"
        );
    }

    #[test]
    fn close_codes_are_obeyed() {
        for code in [1000, 1001, 1006, 1011, 1013, 4000, 4001, 4499] {
            let mut bench = Bench::online();
            assert_eq!(
                bench.step(Input::Closed(1, code))[0],
                Effect::Status(Status::Down),
                "{code}"
            );
        }
        for code in [CloseCode::Policy.code(), CloseCode::TooBig.code(), 4500, 4999] {
            let mut bench = Bench::online();
            let effects = bench.step(Input::Closed(1, code));
            assert!(effects.contains(&Effect::Status(Status::Refused)), "{code}");
            assert_eq!(bench.step(Input::Awake), [], "{code}");
        }
    }

    #[test]
    fn a_bye_says_when_to_come_back_within_reason() {
        for (asked, waits) in [(0, 0), (2_500, 2_500), (u64::MAX, RECONNECT_MAX_MS)] {
            let mut bench = Bench::online();
            bench.step(Input::Bye(1, asked));
            let effects = bench.step(Input::Closed(1, 1001));
            assert_eq!(effects, [Effect::Status(Status::Down), Effect::Timer(waits)]);
        }
    }

    #[test]
    fn a_late_word_from_a_line_that_was_given_up_changes_nothing() {
        let mut bench = Bench::online();
        let effects = bench.step(Input::Drop);
        assert_eq!(
            effects,
            [Effect::Close, Effect::Status(Status::Down), Effect::Timer(200)]
        );
        bench.after(200);
        assert_eq!(bench.step(Input::Closed(1, 1008)), []);
        assert_eq!(bench.step(Input::Heard(1)), []);
        bench.step(Input::Heard(2));
        assert_eq!(bench.connection.status(), Status::Online);
    }
}
