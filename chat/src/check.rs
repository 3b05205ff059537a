//! Looking at a large database while it is served already.

use std::path::Path;
use std::thread;

use rusqlite::InterruptHandle;
use tokio::sync::watch;

use crate::chat::Health;
use crate::error::Error;
use crate::readers::Interrupts;
use crate::store;

/// A check under way; dropped, it ends at once.
pub(crate) struct Check(InterruptHandle);

impl Check {
    /// Begins. When the database is damaged, that is said and the chat has failed.
    pub(crate) fn start(
        database: &Path,
        interrupts: &Interrupts,
        health: watch::Sender<Health>,
    ) -> Result<Self, Error> {
        let connection = store::open_reader(database)?;
        interrupts.add(&connection);
        let check = Self(connection.get_interrupt_handle());
        let path = database.to_owned();
        thread::Builder::new()
            .name("madang-check".into())
            .spawn(move || match store::fault(&connection) {
                Ok(None) => tracing::info!("the database was looked through and is whole"),
                Ok(Some(what)) => {
                    tracing::error!("{}", Error::Damaged { path, what });
                    health.send_if_modified(|health| {
                        let goes_on = matches!(health, Health::Running | Health::ReadOnly);
                        if goes_on {
                            *health = Health::Failed;
                        }
                        goes_on
                    });
                }
                Err(error) => tracing::debug!(%error, "the database was not looked through"),
            })
            .map_err(Error::Thread)?;
        Ok(check)
    }
}

impl Drop for Check {
    fn drop(&mut self) {
        self.0.interrupt();
    }
}
