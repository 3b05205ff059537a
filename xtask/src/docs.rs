//! x
use anyhow::Result;
pub(crate) fn command(_: &[String]) -> Result<()> {
    Ok(())
}
