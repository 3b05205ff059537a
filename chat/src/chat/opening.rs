//! How a chat is opened: with an order within this process, or with a log.

use std::sync::mpsc;
use std::sync::{Arc, Mutex};

use tokio::sync::watch;

use super::{Chat, Health, Running};
use crate::applier::Applier;
use crate::check::Check;
use crate::data_folder::DataFolder;
use crate::engine::Engine;
use crate::ephemeral::Ephemeral;
use crate::error::Error;
use crate::log::{Log, LogPoint};
use crate::order::{InProcessOrder, Order, Ordered, in_process};
use crate::publisher::Audience;
use crate::readers::Readers;
use crate::reading::Reading;
use crate::rooms::Rooms;
use crate::store::{self, Opened};
use crate::writer::Writer;

/// What a database says of itself before anything is done with it.
struct Found {
    is_log_fed: bool,
    /// Where it stands, if a log led there.
    point: LogPoint,
}

impl Chat {
    /// Opens the chat in this folder, with an order within this process, and starts its writer.
    ///
    /// # Errors
    /// When the database cannot be opened or is not one this version can use.
    pub fn open(folder: DataFolder) -> Result<Self, Error> {
        Self::open_with(folder, |applied| {
            let (order, ordered): (InProcessOrder, _) = in_process(applied);
            (Box::new(order), ordered)
        })
    }

    /// Opens the chat with an order of the caller's making; `order` is given the last position the database has.
    ///
    /// # Errors
    /// As [`Chat::open`].
    pub fn open_with<O: Ordered + 'static>(
        folder: DataFolder,
        order: impl FnOnce(u64) -> (Box<dyn Order>, O),
    ) -> Result<Self, Error> {
        let opened = open_writer(&folder)?;
        let applied = store::applied(&opened.connection)?;
        let found = Found {
            is_log_fed: false,
            point: LogPoint::default(),
        };
        Self::start(folder, opened, found, |engine| {
            let (order, ordered) = order(applied);
            let thread = Writer::start(engine, ordered, applied)?;
            let closed = None;
            Ok((Arc::from(order), Running { thread, closed }))
        })
    }

    /// Opens the chat as one of several nodes, fed by a log; `order` is given the point at which the database stands and returns
    /// the way in and the log from the message after that on.
    ///
    /// The commands that come in by the way in are the log's business: [`Chat::submit`] hands them on and nothing else comes of
    /// them than what the log delivers. Commits are synced by checkpoints only: what a power cut takes, the log delivers again.
    ///
    /// When the chat is closed, the way in is closed first; the log may then still bring what is on its way, for
    /// [`crate::limits::CLOSING_WAIT_MS_MAX`], and ends it with [`crate::LogNext::End`]. A log that ends by itself closes the
    /// chat.
    ///
    /// # Errors
    /// As [`Chat::open`], and [`Error::NotOfALog`] when the database was changed by a chat without a log.
    pub fn open_log<L: Log + 'static>(
        folder: DataFolder,
        order: impl FnOnce(LogPoint) -> (Box<dyn Order>, L),
    ) -> Result<Self, Error> {
        let opened = open_writer(&folder)?;
        let point = store::log_point(&opened.connection)?.ok_or_else(|| Error::NotOfALog {
            path: folder.database(),
        })?;
        store::sync_at_checkpoints(&opened.connection)?;
        let found = Found {
            is_log_fed: true,
            point,
        };
        Self::start(folder, opened, found, |engine| {
            let (order, log) = order(point);
            let (closed, is_closed) = mpsc::channel();
            let thread = Applier::start(engine, log, point, is_closed)?;
            let closed = Some(closed);
            Ok((Arc::from(order), Running { thread, closed }))
        })
    }

    fn start(
        folder: DataFolder,
        Opened {
            connection,
            is_checked,
        }: Opened,
        Found { is_log_fed, point }: Found,
        begin: impl FnOnce(Engine) -> Result<(Arc<dyn Order>, Running), Error>,
    ) -> Result<Self, Error> {
        let was_used = store::has_been_used(&connection)?;
        let epoch = store::epoch(&connection)?;
        let readers = Arc::new(Readers::open(&folder.database())?);
        let rooms = Arc::new(Rooms::start()?);
        let (applied_sender, applied) = watch::channel(point);
        let audience = Audience {
            people: Arc::default(),
            followers: Arc::default(),
            ephemeral: Arc::new(Ephemeral::new()),
            recent: Arc::default(),
            spoken: Arc::default(),
            ahead: Arc::default(),
            held: Arc::default(),
            applied: applied_sender,
            rooms,
        };
        let (health_sender, health) = watch::channel(Health::Running);
        let check = (!is_checked)
            .then(|| Check::start(&folder.database(), &readers.interrupts(), health_sender.clone()))
            .transpose()?;
        let engine = Engine::new(
            connection,
            &folder.database(),
            readers.interrupts(),
            audience.clone(),
            health_sender,
        )?;
        let (order, writer) = begin(engine)?;
        Ok(Self {
            crowd: order.crowd(),
            reading: Reading::new(Arc::clone(&order), audience.held),
            order,
            rooms: audience.rooms,
            people: audience.people,
            followers: audience.followers,
            ephemeral: audience.ephemeral,
            recent: audience.recent,
            spoken: audience.spoken,
            ahead: audience.ahead,
            is_log_fed,
            applied,
            readers,
            epoch,
            health,
            writer: Mutex::new(Some(writer)),
            check: Mutex::new(check),
            was_used,
            folder,
        })
    }
}

fn open_writer(folder: &DataFolder) -> Result<Opened, Error> {
    store::open_writer(&folder.database(), folder.expects_database())
}
