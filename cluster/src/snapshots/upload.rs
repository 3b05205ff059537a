//! Putting a snapshot into the bucket.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::Path;

use async_nats::header::NATS_ROLLUP;
use async_nats::jetstream::context::{PublishAckFuture, PublishError};
use async_nats::{HeaderMap, HeaderValue};
use bytes::{Bytes, BytesMut};
use chat::LogPoint;
use protocol::Epoch;
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;

use super::{NAME, Snapshot, Snapshots, digest};
use crate::error::Error;
use crate::hex;
use crate::limits::{SNAPSHOT_PIECE_BYTES, SNAPSHOT_PIECES_IN_FLIGHT, SNAPSHOT_ZSTD_LEVEL};

impl Snapshots {
    /// Puts this file, a database with the log applied up to `point`, into the bucket; it can be listed once all of it is there.
    /// Of one that is given up what was stored is removed, at once or when the bucket is next pruned. `progress` is told how
    /// many bytes of the file have been read.
    ///
    /// # Errors
    /// When the file cannot be read or NATS does not take a piece.
    pub async fn upload(
        &self,
        file: &Path,
        epoch: Epoch,
        point: LogPoint,
        progress: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<Snapshot, Error> {
        let mut id = [0; 16];
        getrandom::fill(&mut id).map_err(|_| Error::NoRandomness)?;
        let id = hex::encode(&id);
        let uploaded = self.upload_as(&id, file, epoch, point, progress).await;
        if uploaded.is_err()
            && let Err(error) = self.purge(&self.piece_subject(&id)).await
        {
            tracing::debug!(%error, "the pieces of a snapshot that was given up stay until the next one");
        }
        uploaded
    }

    async fn upload_as(
        &self,
        id: &str,
        file: &Path,
        epoch: Epoch,
        point: LogPoint,
        progress: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<Snapshot, Error> {
        let unreadable = |source| unreadable(file, source);
        let bytes = tokio::fs::metadata(file).await.map_err(unreadable)?.len();
        let Stored {
            pieces: count,
            bytes: stored_bytes,
            digest,
        } = self.upload_pieces(id, file, progress).await?;
        let snapshot = Snapshot {
            epoch,
            point,
            bytes,
            at: chat::ids::unix_ms(),
            name: format!("{NAME}{}-{id}", point.position),
            id: id.to_owned(),
            pieces: count,
            stored_bytes,
            digest,
            is_whole: true,
        };
        // Another node may have held what stood still for long to be given up, and removed it.
        let stored = self.count_pieces(id).await?;
        if stored != count {
            let reason = format!("{stored} of its {count} pieces are there");
            return Err(Error::nats("take a snapshot", &reason));
        }
        let mut headers = HeaderMap::new();
        headers.insert(NATS_ROLLUP, HeaderValue::from("sub"));
        let written = Bytes::from(serde_json::to_vec(&snapshot.write(&self.bucket))?);
        let subject = self.meta_subject(&snapshot.name);
        let published = self
            .jetstream
            .publish_with_headers(subject, headers, written)
            .await;
        let published = published.map_err(|error| not_taken(&error))?;
        published.await.map_err(|error| not_taken(&error))?;
        Ok(snapshot)
    }

    async fn upload_pieces(
        &self,
        id: &str,
        file: &Path,
        progress: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<Stored, Error> {
        let (sender, mut pieces) = mpsc::channel(1);
        let path = file.to_owned();
        let compressing = tokio::task::spawn_blocking(move || compress(&path, sender));
        let subject = self.piece_subject(id);
        let mut hash = Sha256::new();
        let (mut count, mut stored_bytes) = (0, 0);
        let mut in_flight: VecDeque<PublishAckFuture> = VecDeque::new();
        while let Some(Piece { bytes, read }) = pieces.recv().await {
            hash.update(&bytes);
            count += 1;
            stored_bytes += bytes.len() as u64;
            if in_flight.len() >= SNAPSHOT_PIECES_IN_FLIGHT
                && let Some(oldest) = in_flight.pop_front()
            {
                oldest.await.map_err(|error| not_taken(&error))?;
            }
            let published = self.jetstream.publish(subject.clone(), bytes).await;
            in_flight.push_back(published.map_err(|error| not_taken(&error))?);
            progress(read);
        }
        compressing.await?.map_err(|source| unreadable(file, source))?;
        for piece in in_flight {
            piece.await.map_err(|error| not_taken(&error))?;
        }
        Ok(Stored {
            pieces: count,
            bytes: stored_bytes,
            digest: digest(&hash.finalize()),
        })
    }
}

fn unreadable(file: &Path, source: io::Error) -> Error {
    Error::SnapshotFile {
        path: file.to_owned(),
        source,
    }
}

fn not_taken(error: &PublishError) -> Error {
    Error::nats("take a snapshot", error)
}

/// What NATS has of a file.
struct Stored {
    pieces: usize,
    bytes: u64,
    digest: String,
}

/// A piece of the compressed file, and how much of the file had been read when it was full.
struct Piece {
    bytes: Bytes,
    read: u64,
}

/// Compresses the file into pieces. Ends early when nobody takes them any more.
fn compress(path: &Path, sender: mpsc::Sender<Piece>) -> io::Result<()> {
    let mut file = BufReader::with_capacity(SNAPSHOT_PIECE_BYTES, File::open(path)?);
    let mut encoder = zstd::Encoder::new(Cutter::new(sender), SNAPSHOT_ZSTD_LEVEL)?;
    encoder.include_checksum(true)?;
    loop {
        let read = io::BufRead::fill_buf(&mut file)?;
        if read.is_empty() {
            break;
        }
        let length = read.len();
        encoder.write_all(read)?;
        io::BufRead::consume(&mut file, length);
        encoder.get_mut().read += length as u64;
    }
    encoder.finish()?.send()
}

/// Cuts what is written into pieces.
struct Cutter {
    piece: BytesMut,
    read: u64,
    sender: mpsc::Sender<Piece>,
}

impl Cutter {
    fn new(sender: mpsc::Sender<Piece>) -> Self {
        Self {
            piece: BytesMut::with_capacity(SNAPSHOT_PIECE_BYTES),
            read: 0,
            sender,
        }
    }

    fn send(&mut self) -> io::Result<()> {
        let next = BytesMut::with_capacity(SNAPSHOT_PIECE_BYTES);
        let bytes = std::mem::replace(&mut self.piece, next).freeze();
        let piece = Piece {
            bytes,
            read: self.read,
        };
        let sent = self.sender.blocking_send(piece);
        sent.map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))
    }
}

impl Write for Cutter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(SNAPSHOT_PIECE_BYTES - self.piece.len());
        self.piece.extend_from_slice(&bytes[..taken]);
        if self.piece.len() == SNAPSHOT_PIECE_BYTES {
            self.send()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
