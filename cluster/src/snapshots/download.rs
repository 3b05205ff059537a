//! Getting a snapshot out of the bucket.
//!
//! Piece by piece, each asked for: no consumer has to be kept alive, nothing is sent faster than it is written, and a server
//! that goes away in between is only asked again.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_nats::jetstream::message::StreamMessage;
use async_nats::jetstream::stream::DirectGetErrorKind;
use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;

use super::{Snapshot, Snapshots, digest};
use crate::error::Error;
use crate::limits::{SNAPSHOT_PIECE_RETRY_MS, SNAPSHOT_PIECE_TRIES};

/// Why a snapshot cannot be used, though there may be another.
#[derive(Debug, thiserror::Error)]
pub enum Unsound {
    /// A piece of it is not there.
    #[error("piece {0} of it is not there")]
    Missing(usize),
    /// It is not what was put there.
    #[error("it has other bytes than were stored")]
    OtherBytes,
    /// It cannot be decompressed to what it should be.
    #[error("it cannot be decompressed: {0}")]
    Compression(io::Error),
    /// It is no database, or one with faults.
    #[error("{0}")]
    Database(chat::Error),
    /// It is a database of something else than it says.
    #[error("its database is of another epoch or position than it says")]
    OtherContent,
}

impl Snapshots {
    /// Writes the database that this snapshot holds to `path`, where there is no file yet. `progress` is told how many bytes of
    /// [`Snapshot::stored_bytes`] have come, of how many.
    ///
    /// # Errors
    /// When NATS does not answer or the file cannot be written; within, when the snapshot is not what it should be.
    pub async fn download(
        &self,
        snapshot: &Snapshot,
        path: &Path,
        progress: &(dyn Fn(u64, u64) + Send + Sync),
    ) -> Result<Result<(), Unsound>, Error> {
        let (sender, pieces) = mpsc::channel(2);
        let (into, bytes) = (path.to_owned(), snapshot.bytes);
        let writing = tokio::task::spawn_blocking(move || decompress(&into, bytes, pieces));
        let received = self.receive(snapshot, &sender, progress).await;
        drop(sender);
        // First what was written: what is received ends early when that fails.
        match writing.await? {
            Err(Broken::File(source)) => {
                return Err(Error::SnapshotFile {
                    path: PathBuf::from(path),
                    source,
                });
            }
            Err(Broken::Compression(error)) => {
                return Ok(match received? {
                    Err(unsound) => Err(unsound),
                    Ok(()) => Err(Unsound::Compression(error)),
                });
            }
            Ok(()) => {}
        }
        received
    }

    async fn receive(
        &self,
        snapshot: &Snapshot,
        sender: &mpsc::Sender<Bytes>,
        progress: &(dyn Fn(u64, u64) + Send + Sync),
    ) -> Result<Result<(), Unsound>, Error> {
        let subject = self.piece_subject(&snapshot.id);
        let mut hash = Sha256::new();
        let (mut next, mut received) = (0, 0);
        for piece in 0..snapshot.pieces {
            let Some(message) = self.piece(&subject, next).await? else {
                return Ok(Err(Unsound::Missing(piece)));
            };
            next = message.sequence + 1;
            received += message.payload.len() as u64;
            hash.update(&message.payload);
            progress(received, snapshot.stored_bytes);
            if sender.send(message.payload).await.is_err() {
                // It says itself why it wants no more.
                return Ok(Ok(()));
            }
        }
        let is_whole = received == snapshot.stored_bytes && digest(&hash.finalize()) == snapshot.digest;
        Ok(is_whole.then_some(()).ok_or(Unsound::OtherBytes))
    }

    /// The first piece from this sequence on; `None` when it is not there.
    async fn piece(&self, subject: &str, from: u64) -> Result<Option<StreamMessage>, Error> {
        let mut tries = 0;
        loop {
            tries += 1;
            let error = match self.stream.direct_get_next_for_subject(subject, Some(from)).await {
                Ok(message) => return Ok(Some(message)),
                Err(error) => error,
            };
            // Whichever replica answers may not have it yet.
            if tries >= SNAPSHOT_PIECE_TRIES {
                return if error.kind() == DirectGetErrorKind::NotFound {
                    Ok(None)
                } else {
                    Err(Error::nats("read a snapshot", &error))
                };
            }
            tokio::time::sleep(Duration::from_millis(SNAPSHOT_PIECE_RETRY_MS)).await;
        }
    }
}

enum Broken {
    File(io::Error),
    Compression(io::Error),
}

/// Writes what comes to the file, decompressed, up to so many bytes.
fn decompress(path: &Path, bytes: u64, mut pieces: mpsc::Receiver<Bytes>) -> Result<(), Broken> {
    let file = File::create_new(path).map_err(Broken::File)?;
    let bounded = Bounded {
        file,
        left: bytes,
        failure: None,
    };
    let mut decoder = zstd::stream::write::Decoder::new(bounded).map_err(Broken::Compression)?;
    while let Some(piece) = pieces.blocking_recv() {
        if let Err(error) = decoder.write_all(&piece) {
            return Err(decoder.into_inner().broken(error));
        }
    }
    if let Err(error) = decoder.flush() {
        return Err(decoder.into_inner().broken(error));
    }
    let bounded = decoder.into_inner();
    if bounded.left > 0 {
        return Err(Broken::Compression(io::ErrorKind::UnexpectedEof.into()));
    }
    bounded.file.sync_all().map_err(Broken::File)
}

/// A file that takes so many bytes and no more: what says it is a snapshot of a few cannot fill the disk.
struct Bounded {
    file: File,
    left: u64,
    failure: Option<io::Error>,
}

impl Bounded {
    /// Whose failure this was: the file's, or that of what was to be written into it.
    fn broken(self, error: io::Error) -> Broken {
        match self.failure {
            Some(failure) => Broken::File(failure),
            None => Broken::Compression(error),
        }
    }
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = bytes.len() as u64;
        if length > self.left {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "it has more bytes than it says",
            ));
        }
        match self.file.write(bytes) {
            Ok(written) => {
                self.left -= written as u64;
                Ok(written)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                let kind = error.kind();
                self.failure = Some(error);
                Err(kind.into())
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
