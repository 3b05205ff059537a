//! Small pools of connections that read, each used for one short transaction at a time.
//!
//! Short, because a reader that dawdles keeps the write-ahead log from being emptied. What takes longer than the rest has a
//! pool of its own, so that nobody who comes, joins or speaks waits behind it.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, InterruptHandle};
use tokio::sync::Semaphore;

use crate::copies::Copies;
use crate::error::Error;
use crate::limits::{READER_WAIT_MS_MAX, READERS_A_LANE};
use crate::store;

/// How long reads take, and so which of them wait for one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    /// A row or two: what somebody is called, where a room ends, what an id stands for.
    Rows,
    /// What subscribers have fallen behind by.
    Events,
    /// Pages of history and lists, and how they look.
    Pages,
    /// Which rooms somebody follows and how those are, for whoever hears of that: it is asked unasked.
    Followed,
}

/// The pools of all lanes.
#[derive(Debug)]
pub(crate) struct Readers {
    rows: Pool,
    events: Pool,
    pages: Pool,
    followed: Pool,
    interrupts: Interrupts,
    /// Reads that were begun.
    reads: AtomicU64,
}

#[derive(Debug)]
struct Pool {
    database: Arc<Path>,
    idle: Arc<Mutex<Vec<Connection>>>,
    permits: Arc<Semaphore>,
}

/// What ends the reads that are under way, for the log they read from must begin anew. Those who asked are told that the
/// readers are busy.
#[derive(Clone, Default)]
pub(crate) struct Interrupts {
    readers: Arc<Mutex<Vec<InterruptHandle>>>,
    copies: Copies,
}

impl Interrupts {
    /// What reads for long, and is ended later than all others.
    pub(crate) const fn copies(&self) -> &Copies {
        &self.copies
    }

    /// Ends the reads of this connection too.
    pub(crate) fn add(&self, connection: &Connection) {
        let mut handles = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        handles.push(connection.get_interrupt_handle());
    }

    /// Ends all that is being read.
    pub(crate) fn interrupt_all(&self) {
        for handle in &*self.readers.lock().unwrap_or_else(PoisonError::into_inner) {
            handle.interrupt();
        }
    }
}

impl std::fmt::Debug for Interrupts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Interrupts")
    }
}

impl Readers {
    /// Pools over this database. All of them are opened now: later there may be no open file to be had.
    pub(crate) fn open(database: &Path) -> Result<Self, Error> {
        let interrupts = Interrupts::default();
        Ok(Self {
            rows: Pool::open(database, &interrupts)?,
            events: Pool::open(database, &interrupts)?,
            pages: Pool::open(database, &interrupts)?,
            followed: Pool::open(database, &interrupts)?,
            interrupts,
            reads: AtomicU64::new(0),
        })
    }

    /// What ends their reads.
    pub(crate) fn interrupts(&self) -> Interrupts {
        self.interrupts.clone()
    }

    /// How many reads were begun so far.
    pub(crate) fn reads(&self) -> u64 {
        self.reads.load(Ordering::Relaxed)
    }

    /// Runs `read` on a connection of its own, off the async threads. A read that nobody waits for any more ends
    /// in its own time and gives its connection back.
    pub(crate) async fn read<T, F>(&self, lane: Lane, read: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    {
        self.reads.fetch_add(1, Ordering::Relaxed);
        let pool = match lane {
            Lane::Rows => &self.rows,
            Lane::Events => &self.events,
            Lane::Pages => &self.pages,
            Lane::Followed => &self.followed,
        };
        pool.read(read).await
    }
}

impl Pool {
    fn open(database: &Path, interrupts: &Interrupts) -> Result<Self, Error> {
        let open = || {
            let connection = store::open_reader(database)?;
            interrupts.add(&connection);
            Ok::<_, Error>(connection)
        };
        let idle: Vec<_> = (0..READERS_A_LANE).map(|_| open()).collect::<Result<_, _>>()?;
        Ok(Self {
            database: Arc::from(database),
            idle: Arc::new(Mutex::new(idle)),
            permits: Arc::new(Semaphore::new(READERS_A_LANE)),
        })
    }

    async fn read<T, F>(&self, read: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    {
        let wait = Duration::from_millis(READER_WAIT_MS_MAX);
        let permit = tokio::time::timeout(wait, Arc::clone(&self.permits).acquire_owned())
            .await
            .map_err(|_| Error::Busy)?
            .map_err(|_| Error::Closed)?;
        let idle = Arc::clone(&self.idle);
        let database = Arc::clone(&self.database);
        let task = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let taken = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            // One that was lost in a panic is opened anew. There are never more than there are permits.
            let connection = taken.map_or_else(|| store::open_reader(&database), Ok)?;
            let result = read(&connection);
            idle.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(connection);
            result.map_err(|error| match error {
                Error::Database(error) if store::is_locked(&error) || store::is_interrupted(&error) => {
                    Error::Busy
                }
                error => error,
            })
        });
        task.await.map_err(|_| Error::Closed)?
    }
}
