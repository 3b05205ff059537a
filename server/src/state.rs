//! What every request can reach.

use std::sync::Arc;

use chat::Chat;
use protocol::LimitsFrame;
use tokio::sync::Semaphore;

use crate::access::Access;
use crate::answers::Answers;
use crate::assets::Assets;
use crate::identity::Identities;
use crate::post_limiter::PostLimiter;
use crate::shares::Shares;
use crate::shutdown::Shutdown;

/// The server's parts, shared.
#[derive(Clone)]
pub(crate) struct AppState(Arc<Parts>);

pub(crate) struct Parts {
    pub(crate) chat: Chat,
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

impl AppState {
    pub(crate) fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl std::ops::Deref for AppState {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
