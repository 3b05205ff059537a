//! Where things are: the repository, what was built, the cache.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The repository's root: the folder above this crate.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// Cargo's target folder, wherever it was told to put it: this very program runs from a folder in it.
pub(crate) fn target_dir() -> Result<PathBuf> {
    let exe = env::current_exe().context("cannot find out where this program lies")?;
    let profile_dir = exe.parent().context("this program lies in no folder")?;
    let target = profile_dir
        .parent()
        .context("this program lies in no target folder")?;
    Ok(target.to_path_buf())
}

/// The folder of release binaries.
pub(crate) fn release_dir() -> Result<PathBuf> {
    Ok(target_dir()?.join("release"))
}

/// The server's release binary.
pub(crate) fn server_binary() -> Result<PathBuf> {
    Ok(release_dir()?.join("madang"))
}

/// The files that the page of the release build loads: beside the server's binary, where that looks for them.
pub(crate) fn site_dir() -> Result<PathBuf> {
    Ok(release_dir()?.join("site"))
}

/// The per-user cache: `$MADANG_CACHE_DIR`, else the platform's cache folder with `madang` in it.
pub(crate) fn cache_dir() -> Result<PathBuf> {
    cache_dir_from(
        |name| env::var_os(name).map(PathBuf::from),
        env::consts::OS == "macos",
    )
    .context("neither MADANG_CACHE_DIR nor HOME is set: set one, so that the tools can be kept somewhere")
}

fn cache_dir_from(variable: impl Fn(&str) -> Option<PathBuf>, mac: bool) -> Option<PathBuf> {
    let absolute = |name| variable(name).filter(|path| path.is_absolute());
    if let Some(dir) = variable("MADANG_CACHE_DIR").filter(|path| !path.as_os_str().is_empty()) {
        return std::path::absolute(dir).ok();
    }
    if mac {
        return absolute("HOME").map(|home| home.join("Library/Caches/madang"));
    }
    // A relative XDG_CACHE_HOME is to be ignored (XDG Base Directory Specification 0.8).
    absolute("XDG_CACHE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".cache")))
        .map(|cache| cache.join("madang"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache(variables: &[(&str, &str)], mac: bool) -> Option<PathBuf> {
        let find = |name: &str| variables.iter().find(|(key, _)| *key == name);
        cache_dir_from(|name| find(name).map(|(_, value)| PathBuf::from(value)), mac)
    }

    #[test]
    fn the_cache_is_where_the_user_says_else_where_the_platform_does() {
        let home = ("HOME", "/home/me");
        assert_eq!(cache(&[home], false), Some("/home/me/.cache/madang".into()));
        assert_eq!(
            cache(&[home], true),
            Some("/home/me/Library/Caches/madang".into())
        );
        assert_eq!(
            cache(&[home, ("XDG_CACHE_HOME", "/x")], false),
            Some("/x/madang".into())
        );
        assert_eq!(
            cache(&[home, ("XDG_CACHE_HOME", "relative")], false),
            Some("/home/me/.cache/madang".into())
        );
        assert_eq!(
            cache(&[home, ("MADANG_CACHE_DIR", "/m")], true),
            Some("/m".into())
        );
        assert_eq!(cache(&[], false), None);
    }
}
