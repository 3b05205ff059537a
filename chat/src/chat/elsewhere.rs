//! What the chat has to do with other nodes.

use std::sync::Arc;
use std::time::Duration;

use protocol::{RoomName, UserId};
use tokio::sync::mpsc;

use super::Chat;
use crate::ephemeral::{Elsewhere, Ephemeral, LocalPresence, Typed};
use crate::error::Error;
use crate::limits::NEWCOMERS_AGAIN_MS;
use crate::readers::Lane;
use crate::store;

impl Chat {
    /// Another node says that a person is in a room there: for others they are here, until what this returns is dropped and a
    /// little longer. They are counted once though they are here too, or at several nodes. Their name comes with
    /// [`Chat::name_newcomers`]. `None` when that would be more people, or more rooms, than are remembered.
    #[must_use]
    pub fn enter_elsewhere(&self, room: &RoomName, user_id: UserId) -> Option<Elsewhere> {
        Ephemeral::enter_elsewhere(&self.ephemeral, room, user_id)
    }

    /// Looks up what those are called who come from elsewhere, [`crate::limits::NEWCOMERS_PER_READ_MAX`] at a time, until this is
    /// dropped.
    pub async fn name_newcomers(&self) {
        loop {
            let newcomers: Arc<[UserId]> = self.ephemeral.newcomers().await.into();
            if let Err(error) = self.name_all(&newcomers).await {
                tracing::debug!(%error, people = newcomers.len(), "names are asked for again");
                self.ephemeral.ask_again(newcomers.iter().copied());
                tokio::time::sleep(Duration::from_millis(NEWCOMERS_AGAIN_MS)).await;
            }
        }
    }

    async fn name_all(&self, people: &Arc<[UserId]>) -> Result<(), Error> {
        let people = Arc::clone(people);
        let read = self.readers.read(Lane::Rows, move |connection| {
            Ok(store::names_of(connection, &people)?)
        });
        for (user_id, name) in read.await? {
            self.ephemeral.introduce(user_id, &name);
        }
        Ok(())
    }

    /// Who is in rooms by a session of this process, in those rooms in which that has changed since `since`, the version of an
    /// earlier answer; at 0 in all in which anybody is. Rooms that were forgotten, some time after everybody left, are left out:
    /// ask for all now and then.
    #[must_use]
    pub fn local_presence(&self, since: u64) -> LocalPresence {
        self.ephemeral.local_presence(since)
    }

    /// Hears, from now on, who is typing by a session of this process, as often as others would be told of it here. What
    /// is not taken in time is lost. There is one who hears: the last who asked.
    #[must_use]
    pub fn hear_typing(&self) -> mpsc::Receiver<Typed> {
        self.ephemeral.typing_outward()
    }

    /// Another node says that somebody is typing in a room, or no more. Dropped as by [`Chat::set_typing`].
    pub fn typing_elsewhere(&self, room: &RoomName, user_id: UserId, on: bool) {
        self.ephemeral.typing_elsewhere(room, user_id, on);
    }
}
