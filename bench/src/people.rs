//! Full clients that do what people do, in one room.

use std::time::Duration;

use crate::habits::Habits;
use crate::load::Load;

/// Posts a second in the room of a crowd.
const RATE: u32 = 2;
/// Those of a crowd who post, in turn.
const POSTERS: usize = 20;

/// People in one room.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Crowd {
    pub(crate) connections: usize,
    pub(crate) habits: Habits,
    /// How they are called in the table.
    pub(crate) name: &'static str,
}

const LISTENING: Habits = Habits {
    reads: false,
    types: false,
    visitors_per_second: 0,
};
const READING: Habits = Habits {
    reads: true,
    ..LISTENING
};

/// Those that are compared: the first only listens.
pub(crate) const CROWDS: [Crowd; 3] = [
    Crowd {
        connections: 1_500,
        habits: LISTENING,
        name: "1,500 people who listen",
    },
    Crowd {
        connections: 1_500,
        habits: READING,
        name: "1,500 people who read",
    },
    Crowd {
        connections: 1_500,
        habits: Habits {
            types: true,
            visitors_per_second: 20,
            ..READING
        },
        name: "1,500 who read and type, 20 come and go a second",
    },
];
/// How long people are watched at least, in seconds: they say what they read up to 24 s later, so less than that shows little of it.
pub(crate) const READING_SECONDS_MIN: u64 = 30;
/// Those that must be served without a refusal for as long as [`LARGE_CROWD_TIME`].
pub(crate) const LARGE_CROWD: Crowd = Crowd {
    connections: 3_000,
    habits: READING,
    name: "3,000 people who read",
};
pub(crate) const LARGE_CROWD_TIME: Duration = Duration::from_secs(60);

impl Crowd {
    /// What this crowd asks of a server.
    pub(crate) fn load(&self, warm_up: Duration, window: Duration) -> Load {
        Load {
            connections: self.connections,
            posters: POSTERS,
            rate: RATE,
            warm_up,
            window,
            habits: self.habits,
        }
    }
}
