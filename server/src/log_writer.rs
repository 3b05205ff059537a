//! Writing the log without ever waiting for it.
//!
//! A pipe that nobody reads is full after 64 KiB, and whoever writes to it then stands still: the whole server, in the end. So
//! lines go through a bounded queue to a thread that does nothing else; when the queue is full they are dropped and
//! counted.

use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use tracing_subscriber::fmt::MakeWriter;

use crate::limits::{LOG_LINE_BYTES_MAX, LOG_WAITING_LINES_MAX};

/// Where lines of the log go in. Its clones have one queue.
#[derive(Clone, Debug)]
pub(crate) struct LogWriter {
    lines: SyncSender<Vec<u8>>,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    left_out: AtomicU64,
    waiting: Mutex<u64>,
    is_written: Condvar,
}

impl LogWriter {
    /// Starts the thread that writes to `sink`. Without one (the system has no more threads to give) nothing is logged.
    pub(crate) fn start(sink: impl Write + Send + 'static) -> Self {
        let (lines, queue) = sync_channel(LOG_WAITING_LINES_MAX);
        let shared = Arc::new(Shared::default());
        let of_thread = Arc::clone(&shared);
        let _ = thread::Builder::new()
            .name("madang-log".into())
            .spawn(move || write_all(&queue, &of_thread, sink));
        Self { lines, shared }
    }

    /// Takes a line, cut to [`LOG_LINE_BYTES_MAX`], or counts it as left out.
    pub(crate) fn send(&self, line: &[u8]) {
        *self.shared.waiting() += 1;
        match self.lines.try_send(cut(line)) {
            Ok(()) => {}
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
                *self.shared.waiting() -= 1;
                self.shared.left_out.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// Waits until what was sent is written, but not for longer than this.
    pub(crate) fn finish(&self, patience: Duration) {
        let waiting = self.shared.waiting();
        let _ = self
            .shared
            .is_written
            .wait_timeout_while(waiting, patience, |waiting| *waiting > 0);
    }
}

impl Shared {
    fn waiting(&self) -> std::sync::MutexGuard<'_, u64> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn write_all(queue: &Receiver<Vec<u8>>, shared: &Shared, mut sink: impl Write) {
    while let Ok(line) = queue.recv() {
        tell_left_out(shared, &mut sink);
        // Nobody can be told that the log cannot be written; what it lacks is told when it can be again.
        if sink.write_all(&line).is_err() {
            shared.left_out.fetch_add(1, Ordering::Relaxed);
        }
        // The last line for now may be the last of all. Nothing is written while `waiting` is locked: whoever logs would wait.
        let is_last = *shared.waiting() <= 1;
        if is_last {
            tell_left_out(shared, &mut sink);
        }
        let mut waiting = shared.waiting();
        *waiting = waiting.saturating_sub(1);
        if *waiting == 0 {
            shared.is_written.notify_all();
        }
    }
}

fn tell_left_out(shared: &Shared, sink: &mut impl Write) {
    let left_out = shared.left_out.swap(0, Ordering::Relaxed);
    if left_out == 0 {
        return;
    }
    let told = writeln!(
        sink,
        "({left_out} lines were left out here: the log was not read)"
    );
    if told.is_err() {
        shared.left_out.fetch_add(left_out, Ordering::Relaxed);
    }
}

fn cut(line: &[u8]) -> Vec<u8> {
    if line.len() <= LOG_LINE_BYTES_MAX {
        return line.to_vec();
    }
    let mut end = LOG_LINE_BYTES_MAX;
    // Not within a character: its later bytes begin with the bits 10.
    while end > 0 && line[end] & 0xc0 == 0x80 {
        end -= 1;
    }
    let mut cut = line[..end].to_vec();
    cut.extend_from_slice("…\n".as_bytes());
    cut
}

impl Write for LogWriter {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.send(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for LogWriter {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{Sender, channel};

    /// A pipe that is read a line at a time, when the test says so.
    struct Pipe {
        read: Receiver<()>,
        written: Sender<Vec<u8>>,
    }

    impl Write for Pipe {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.read.recv();
            let _ = self.written.send(bytes.to_vec());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_nobody_reads_is_dropped_and_counted_and_nobody_waits_for_it() {
        let ((reader, read), (written, lines)) = (channel(), channel());
        let writer = LogWriter::start(Pipe { read, written });
        for number in 0..LOG_WAITING_LINES_MAX * 3 {
            writer.send(format!("line {number}\n").as_bytes());
        }
        writer.finish(Duration::from_millis(1));
        drop(reader);
        writer.finish(Duration::from_secs(60));
        writer.send(b"the last\n");
        drop(writer);
        let text = lines.iter().flatten().collect::<Vec<u8>>();
        let text = String::from_utf8(text).unwrap();
        assert!(text.contains("line 0\n"), "{text}");
        assert!(text.contains("lines were left out here"), "{text}");
        assert!(text.ends_with("the last\n"), "{text}");
        assert!(text.lines().count() < LOG_WAITING_LINES_MAX + 5);
    }

    #[test]
    fn a_line_is_cut_between_two_characters() {
        let line = cut(format!("x{}\n", "가".repeat(LOG_LINE_BYTES_MAX)).as_bytes());
        assert!(line.len() <= LOG_LINE_BYTES_MAX + "…\n".len());
        let line = String::from_utf8(line).unwrap();
        assert!(line.ends_with("가…\n"), "{line}");
    }
}
