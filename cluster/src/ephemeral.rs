//! The pump that carries over core NATS who is with a node and who types there, to the other nodes and from them.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use async_nats::connection::State;
use async_nats::{Client, Subscriber};
use bytes::Bytes;
use chat::{Chat, Elsewhere, Typed};
use futures_util::StreamExt as _;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::core::ephemeral::{Hearing, Message, Taken, Telling, Word, typing};
use crate::limits::{EPHEMERAL_CHANGE_MS, EPHEMERAL_NOTES_MAX, EPHEMERAL_PUBLISH_MS};
use crate::names::{Names, NodeId};

/// Carries ephemeral state between this node and the others until it is dropped; the others' people leave then, with the usual
/// grace.
#[derive(Debug)]
pub struct EphemeralPump {
    notes: mpsc::Sender<Note>,
    task: JoinHandle<()>,
}

/// What is known of other nodes by their heartbeats.
#[derive(Clone, Copy, Debug)]
enum Note {
    Heard(NodeId),
    Gone(NodeId),
}

impl EphemeralPump {
    /// Starts it for the node `node_id`, whose sessions are all in `chat`. Called on a tokio runtime.
    #[must_use]
    pub fn start(client: Client, names: &Names, node_id: NodeId, chat: Arc<Chat>) -> Self {
        let (notes, noted) = mpsc::channel(EPHEMERAL_NOTES_MAX);
        let pump = Pump {
            client,
            subject: names.ephemeral_subject().into(),
            node_id,
            begun: Instant::now(),
            telling: Telling::new(node_id, 0, chance()),
            hearing: Hearing::new(node_id),
            connections: 0,
            dropped: 0,
            chat,
        };
        Self {
            notes,
            task: tokio::spawn(pump.run(noted)),
        }
    }

    /// A node is there. To one that was not known yet, everybody who is with this one is told soon.
    pub fn heard(&self, node: NodeId) {
        // It is heard again.
        let _ = self.notes.try_send(Note::Heard(node));
    }

    /// A node is gone: its people leave.
    pub fn gone(&self, node: NodeId) {
        if self.notes.try_send(Note::Gone(node)).is_err() {
            tracing::debug!(%node, "the people of a node that is gone leave some time later");
        }
    }

    /// Waits until it has ended, which it should not. Cancel-safe.
    pub(crate) async fn ended(&mut self) {
        if let Err(error) = (&mut self.task).await {
            tracing::error!(%error, "who is with this node is told to the others no more");
        }
    }
}

impl Drop for EphemeralPump {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Pump {
    client: Client,
    subject: async_nats::Subject,
    node_id: NodeId,
    chat: Arc<Chat>,
    begun: Instant,
    telling: Telling,
    hearing: Hearing<Elsewhere>,
    /// How often the client had connected when something was told last: what was sent before may be lost with a connection.
    connections: u64,
    /// Messages that were not understood.
    dropped: u64,
}

impl Pump {
    async fn run(mut self, mut noted: mpsc::Receiver<Note>) {
        let chat = Arc::clone(&self.chat);
        let naming = chat.name_newcomers();
        tokio::pin!(naming);
        let mut typed = self.chat.hear_typing();
        let mut messages = self.subscribe().await;
        loop {
            let due = self.begun + Duration::from_millis(self.telling.due_ms());
            tokio::select! {
                message = messages.next() => match message {
                    Some(message) => self.take(&message.payload),
                    None => messages = self.subscribe().await,
                },
                note = noted.recv() => match note {
                    Some(Note::Heard(node)) => self.heard(node),
                    Some(Note::Gone(node)) => self.hearing.gone(node),
                    None => return,
                },
                Some(typed) = typed.recv() => self.tell_typing(&typed).await,
                () = sleep_until(due) => self.tell_presence().await,
                () = &mut naming => {}
            }
        }
    }

    /// Subscribes; that lasts over all reconnections.
    async fn subscribe(&self) -> Subscriber {
        loop {
            match self.client.subscribe(self.subject.clone()).await {
                Ok(messages) => return messages,
                Err(error) => {
                    tracing::warn!(%error, "who is with other nodes cannot be heard; trying again");
                    sleep(Duration::from_millis(EPHEMERAL_CHANGE_MS)).await;
                }
            }
        }
    }

    fn heard(&mut self, node: NodeId) {
        if self.hearing.heard(node, self.now_ms()) {
            self.telling.begin_anew();
        }
    }

    fn take(&mut self, payload: &[u8]) {
        let Some(Message { node, word }) = Message::read(payload) else {
            self.dropped += 1;
            let (bytes, dropped) = (payload.len(), self.dropped);
            tracing::debug!(bytes, dropped, "a message of another form was passed by");
            return;
        };
        if node == self.node_id {
            return;
        }
        self.heard(node);
        match word {
            Word::Typing { room, user_id, on } => self.chat.typing_elsewhere(&room, user_id, on),
            Word::Presence(presence) => {
                let now_ms = self.now_ms();
                let chat = &self.chat;
                let enter = |room: &_, user_id| chat.enter_elsewhere(room, user_id);
                let taken = self.hearing.take(node, &presence, now_ms, enter);
                if taken != Taken::Yes {
                    tracing::debug!(%node, ?taken, "people of another node were passed by");
                }
            }
        }
    }

    async fn tell_typing(&self, typed: &Typed) {
        if self.is_connected() {
            let message = typing(self.node_id, &typed.room, typed.user_id, typed.on);
            // It is said again as long as they type.
            let _ = self.publish(message).await;
        }
    }

    async fn tell_presence(&mut self) {
        let now_ms = self.now_ms();
        self.hearing.sweep(now_ms);
        if !self.is_connected() {
            self.telling.put_off(now_ms);
            return;
        }
        let connections = self.client.statistics().connects.load(Ordering::Relaxed);
        if std::mem::replace(&mut self.connections, connections) != connections {
            self.telling.begin_anew();
        }
        let local = self.chat.local_presence(self.telling.since(now_ms));
        for message in self.telling.tell(now_ms, local) {
            if !self.publish(message).await {
                // The others have seen that something is missing, and wait for everything.
                self.telling.begin_anew();
                return;
            }
        }
        if self.telling.left_out() > 0 {
            let left_out = self.telling.left_out();
            tracing::debug!(
                left_out,
                "people of this node are not told to others: there are too many"
            );
        }
    }

    /// Whether it was handed to the client.
    async fn publish(&self, message: Vec<u8>) -> bool {
        let publishing = self.client.publish(self.subject.clone(), Bytes::from(message));
        matches!(
            timeout(Duration::from_millis(EPHEMERAL_PUBLISH_MS), publishing).await,
            Ok(Ok(()))
        )
    }

    fn is_connected(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// When this node speaks among the others. Without randomness it speaks at once.
fn chance() -> u64 {
    getrandom::u64().unwrap_or_default()
}
