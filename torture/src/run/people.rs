//! The browsers of a run and the people in front of them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use client::model::{Transport, Transports};
use client::testing::Random;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::report;
use crate::browser::{self, Habits, Phase, Progress, Reached};
use crate::checker::{self, Room};

/// Rooms, and how many of them each browser has tabs in.
const ROOMS: &[&str] = &["lobby", "team-7", "개발"];
const TABS: usize = 2;
// What the numbers that are drawn are for.
const FOR_BROWSERS: u64 = 3 << 40;

/// Who is there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct People {
    /// Browsers that use one transport each, in equal shares.
    pub(crate) clients: usize,
    /// Browsers beside them that may use all transports.
    pub(crate) roaming: usize,
    /// What everybody together does in a second; nearly always they write.
    pub(crate) posts_per_second: f64,
    /// Whether their connections go to one node and another.
    pub(crate) hop: bool,
}

impl People {
    /// Lets them begin; how far each is, and what each did and saw at the end.
    pub(crate) fn begin(
        self,
        seed: u64,
        address: SocketAddr,
        phases: &watch::Receiver<Phase>,
    ) -> (Vec<Arc<Progress>>, JoinSet<checker::Client>) {
        let setups = self.setups(address);
        let progress: Vec<_> = setups.iter().map(progress_of).collect();
        let mut people = JoinSet::new();
        for (index, (setup, progress)) in setups.into_iter().zip(&progress).enumerate() {
            let random = Random::for_purpose(seed, FOR_BROWSERS + index as u64);
            people.spawn(browser::run(setup, random, phases.clone(), Arc::clone(progress)));
        }
        (progress, people)
    }

    fn setups(self, address: SocketAddr) -> Vec<browser::Setup> {
        let people = self.clients + self.roaming;
        let habits = Habits {
            pause: Duration::from_secs_f64(people as f64 / self.posts_per_second),
        };
        let kinds = [
            Transport::WebSocket,
            Transport::Stream,
            Transport::LongPoll,
            Transport::Poll,
        ];
        (0..people)
            .map(|index| {
                let rooms = (0..TABS).map(|tab| Room::from(ROOMS[(index / kinds.len() + tab) % ROOMS.len()]));
                let (name, allowed) = if index < self.clients {
                    let kind = kinds[index % kinds.len()];
                    (report::name_of(kind), Transports::only(kind))
                } else {
                    ("roaming", Transports::default())
                };
                browser::Setup {
                    name: format!("client {index:02} ({name})"),
                    address,
                    rooms: rooms.collect(),
                    transports: allowed,
                    hops: self.hop,
                    habits: habits.clone(),
                }
            })
            .collect()
    }
}

fn progress_of(setup: &browser::Setup) -> Arc<Progress> {
    let rooms = setup.rooms.iter().map(Room::clone);
    Arc::new(Progress {
        reached: rooms.map(Reached::nothing_of).collect(),
        ..Progress::default()
    })
}
