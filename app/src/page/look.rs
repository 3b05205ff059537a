//! How a page looks to whoever asked for it.

use super::theme::Theme;
use crate::words::Lang;

/// How a page looks to whoever asked for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Its language.
    pub lang: Lang,
    /// How light it is.
    pub theme: Theme,
}
