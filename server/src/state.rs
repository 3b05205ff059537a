//! What every request can reach.

use std::sync::Arc;

use chat::{Chat, Refusal};
use cluster::Status;
use protocol::{ErrorCode, LimitsFrame};
use tokio::sync::{Semaphore, watch};

use crate::access::Access;
use crate::answers::Answers;
use crate::assets::Assets;
use crate::identity::Identities;
use crate::limits::IDENTITY_FRAMES_PER_WINDOW;
use crate::post_limiter::PostLimiter;
use crate::shares::Shares;
use crate::shutdown::Shutdown;

/// The server's parts, shared.
#[derive(Clone)]
pub(crate) struct AppState(Arc<Parts>);

pub(crate) struct Parts {
    pub(crate) chat: Arc<Chat>,
    /// How this node is; `None` where there is no cluster.
    pub(crate) node: Option<watch::Receiver<Status>>,
    pub(crate) identities: Identities,
    pub(crate) access: Access,
    pub(crate) assets: Assets,
    pub(crate) answers: Answers,
    pub(crate) shares: Shares,
    pub(crate) post_limiter: Arc<PostLimiter>,
    /// For those whose rate is used up: what they may ask after that is known already.
    pub(crate) repeat_limiter: PostLimiter,
    /// For what identities say beside posts.
    pub(crate) frame_limiter: PostLimiter,
    pub(crate) limits: LimitsFrame,
    pub(crate) session_permits: Arc<Semaphore>,
    pub(crate) shutdown: Shutdown,
}

/// What there is before there is a chat.
pub(crate) struct Foundation {
    pub(crate) access: Access,
    pub(crate) assets: Assets,
    /// Messages one person may post in a window; 0 for any number.
    pub(crate) post_rate: u32,
    /// Sessions at a time.
    pub(crate) sessions: usize,
    pub(crate) shutdown: Shutdown,
}

impl Foundation {
    /// What requests can reach, with this chat and who its people are.
    pub(crate) fn state(
        self,
        chat: Arc<Chat>,
        identities: Identities,
        node: Option<watch::Receiver<Status>>,
    ) -> AppState {
        AppState(Arc::new(Parts {
            chat,
            node,
            identities,
            access: self.access,
            assets: self.assets,
            answers: Answers::default(),
            shares: Shares::default(),
            post_limiter: Arc::new(PostLimiter::new(self.post_rate)),
            repeat_limiter: PostLimiter::new(self.post_rate),
            frame_limiter: PostLimiter::new(IDENTITY_FRAMES_PER_WINDOW),
            limits: LimitsFrame::new(self.post_rate),
            session_permits: Arc::new(Semaphore::new(self.sessions)),
            shutdown: self.shutdown,
        }))
    }
}

impl AppState {
    /// Why something was refused, for whoever asked. In a cluster, what its log could not take is refused as such; in a process
    /// by itself that is so only while it ends, and another takes it in a moment.
    pub(crate) fn code_of(&self, refusal: Refusal) -> ErrorCode {
        match refusal {
            Refusal::Unavailable if self.node.is_some() && !self.shutdown.has_begun() => {
                ErrorCode::Unavailable
            }
            refusal => refusal.into(),
        }
    }

    /// Whether this node cannot reach its cluster's log.
    pub(crate) fn is_apart(&self) -> bool {
        let node = self.node.as_ref();
        node.is_some_and(|node| *node.borrow() == Status::Apart)
    }

    /// Waits until those who cannot be told why something was not taken may say something. Cancel-safe.
    pub(crate) async fn takes_plain_posts(&self) {
        if let Some(node) = &self.node {
            // The node outlives what waits for it; if it did not, there would be nothing to wait for.
            let _ = node.clone().wait_for(|status| *status != Status::Apart).await;
        }
        self.chat.uncrowded().await;
    }
}

impl std::ops::Deref for AppState {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
