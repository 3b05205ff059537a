//! What a NATS server keeps its data on: a small ext4 of its own that can be filled and lose its power, or, where nobody may
//! mount one, a folder.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use rustix::fs::{FallocateFlags, fallocate};
use tokio::process::Command;

use super::power;

/// How large a disk is, in bytes. Its image is sparse.
const DISK_BYTES: u64 = 768 * 1024 * 1024;
/// How it is filled: by pieces of these lengths, each until there is no room for one more.
const PIECES_BYTES: [u64; 3] = [64 * 1024 * 1024, 1024 * 1024, 4 * 1024];
/// How often an unmount is tried while somebody still has a file open.
const UNMOUNTS_MAX: u32 = 50;
const UNMOUNT_PAUSE: Duration = Duration::from_millis(100);

/// A disk. Unmounted when dropped.
#[derive(Debug)]
pub struct Disk {
    folder: PathBuf,
    /// The file that the file system is in; `None` of a plain folder.
    image: Option<PathBuf>,
}

impl Disk {
    /// A plain folder, which is never full and has no power to lose.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn plain(folder: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
        Ok(Self {
            folder: folder.to_owned(),
            image: None,
        })
    }

    /// Makes a file system in `image` and mounts it at `folder`.
    ///
    /// # Errors
    /// When this machine does not let us: it takes root, loop devices and `mkfs.ext4`.
    pub async fn mounted(folder: &Path, image: &Path) -> anyhow::Result<Self> {
        let mut disk = Self::plain(folder)?;
        let file = File::create(image).with_context(|| format!("making {}", image.display()))?;
        file.set_len(DISK_BYTES)?;
        drop(file);
        done(
            "mkfs.ext4",
            Command::new("mkfs.ext4").args(["-q", "-F", "-m", "0"]).arg(image),
        )
        .await?;
        disk.image = Some(image.to_owned());
        disk.mount().await?;
        Ok(disk)
    }

    /// Where it is.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether it is a file system of its own.
    #[must_use]
    pub const fn is_mounted(&self) -> bool {
        self.image.is_some()
    }

    /// Fills it to the last byte.
    ///
    /// # Errors
    /// When it is a plain folder, or fails otherwise than by being full.
    pub fn fill(&self) -> anyhow::Result<()> {
        ensure!(self.is_mounted(), "a plain folder is not filled");
        let mut ballast = OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.ballast())?;
        let mut end = ballast.metadata()?.len();
        for piece in PIECES_BYTES {
            while fallocate(&ballast, FallocateFlags::empty(), end, piece).is_ok() {
                end += piece;
            }
        }
        let chunk = [0x5a; 512];
        while ballast.write_all(&chunk).is_ok() {}
        Ok(())
    }

    /// Gives back what filled it.
    ///
    /// # Errors
    /// When the file system fails.
    pub fn free(&self) -> anyhow::Result<()> {
        match std::fs::remove_file(self.ballast()) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(error).context("freeing a disk")
            }
            _ => Ok(()),
        }
    }

    /// Cuts its power. Its server must be killed next.
    ///
    /// # Errors
    /// When it is a plain folder, or the file system cannot be told.
    pub fn cut_power(&self) -> anyhow::Result<()> {
        ensure!(self.is_mounted(), "a plain folder has no power to lose");
        power::cut(&self.folder)
    }

    /// Gives the power back: unmounts and mounts, which replays the journal. Its server must be gone.
    ///
    /// # Errors
    /// When it cannot be unmounted, or not be mounted again.
    pub async fn restore_power(&mut self) -> anyhow::Result<()> {
        self.unmount().await?;
        self.mount().await?;
        if self.takes_files() {
            return Ok(());
        }
        // Somebody else's mount namespace still holds the file system that lost its power: what is on the disk goes on as another.
        self.unmount().await?;
        let image = self
            .image
            .clone()
            .context("a plain folder has no power to lose")?;
        let copy = image.with_extension("again.img");
        let mut command = Command::new("cp");
        done("cp", command.arg("--sparse=always").arg(&image).arg(&copy)).await?;
        self.image = Some(copy);
        self.mount().await?;
        ensure!(
            self.takes_files(),
            "{} takes no files after a power cut",
            self.folder.display()
        );
        Ok(())
    }

    /// Empties it, as a disk that was replaced is.
    ///
    /// # Errors
    /// When something cannot be removed.
    pub fn wipe(&self) -> anyhow::Result<()> {
        for entry in std::fs::read_dir(&self.folder)? {
            let path = entry?.path();
            if path.is_dir() {
                std::fs::remove_dir_all(&path)
            } else {
                std::fs::remove_file(&path)
            }
            .with_context(|| format!("removing {}", path.display()))?;
        }
        Ok(())
    }

    fn ballast(&self) -> PathBuf {
        self.folder.join("ballast")
    }

    fn takes_files(&self) -> bool {
        let probe = self.folder.join("probe");
        std::fs::write(&probe, b"x").is_ok() && std::fs::remove_file(&probe).is_ok()
    }

    async fn unmount(&self) -> anyhow::Result<()> {
        let mut attempt = 1;
        while let Err(error) = done("umount", Command::new("umount").arg(&self.folder)).await {
            ensure!(attempt < UNMOUNTS_MAX, error);
            attempt += 1;
            tokio::time::sleep(UNMOUNT_PAUSE).await;
        }
        Ok(())
    }

    async fn mount(&self) -> anyhow::Result<()> {
        let image = self.image.as_deref().context("a plain folder is not mounted")?;
        let mut command = Command::new("mount");
        done("mount", command.args(["-o", "loop"]).arg(image).arg(&self.folder)).await
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if self.is_mounted() {
            // Lazily: its server may still be about to end.
            let mut command = std::process::Command::new("umount");
            let _ = command.arg("-l").arg(&self.folder).stderr(Stdio::null()).status();
        }
    }
}

async fn done(name: &str, command: &mut Command) -> anyhow::Result<()> {
    let output = command
        .output()
        .await
        .with_context(|| format!("starting {name}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{name} failed: {}", said.trim());
    Ok(())
}
