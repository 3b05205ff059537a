//! One flipped bit in what a NATS server keeps of the log.

use std::fs::OpenOptions;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use client::testing::Random;

/// A bit that was flipped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flipped {
    pub file: PathBuf,
    /// Where in the file, in bytes.
    pub offset: u64,
    /// Which bit of that byte, 0 the lowest.
    pub bit: u32,
}

/// Flips a bit of one of the blocks that a server whose store is `folder` has of a stream. `None` while it has none.
///
/// # Errors
/// When a block cannot be read or written.
pub fn flip(folder: &Path, stream: &str, random: &mut Random) -> anyhow::Result<Option<Flipped>> {
    let messages = folder.join("jetstream/$G/streams").join(stream).join("msgs");
    let Ok(entries) = std::fs::read_dir(&messages) else {
        return Ok(None);
    };
    let mut blocks: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "blk"))
        .filter(|path| path.metadata().is_ok_and(|metadata| metadata.len() > 0))
        .collect();
    blocks.sort();
    if blocks.is_empty() {
        return Ok(None);
    }
    let file = blocks.swap_remove(random.index(blocks.len()));
    let length = file.metadata()?.len();
    let flipped = Flipped {
        offset: random.below(length),
        bit: u32::try_from(random.below(8))?,
        file,
    };
    flip_at(&flipped).with_context(|| format!("flipping a bit of {}", flipped.file.display()))?;
    Ok(Some(flipped))
}

fn flip_at(at: &Flipped) -> std::io::Result<()> {
    let mut file = OpenOptions::new().read(true).write(true).open(&at.file)?;
    let mut byte = [0];
    file.seek(SeekFrom::Start(at.offset))?;
    file.read_exact(&mut byte)?;
    file.seek(SeekFrom::Start(at.offset))?;
    file.write_all(&[byte[0] ^ 1 << at.bit])?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_one_bit_of_one_block_is_flipped() {
        let folder = tempfile::tempdir().unwrap();
        let messages = folder.path().join("jetstream/$G/streams/LOG/msgs");
        std::fs::create_dir_all(&messages).unwrap();
        let names = ["1.blk", "2.blk", "3.blk", "index.db"];
        let sizes = [1_000, 70_000, 0, 500];
        for (name, size) in names.iter().zip(sizes) {
            std::fs::write(messages.join(name), vec![0xa5_u8; size]).unwrap();
        }
        for seed in 0..50 {
            let read = || names.map(|name| std::fs::read(messages.join(name)).unwrap());
            let before = read();
            let flipped = flip(folder.path(), "LOG", &mut Random::new(seed))
                .unwrap()
                .unwrap();
            let after = read();
            let bits = |name: usize| -> u32 {
                let bytes = before[name].iter().zip(&after[name]);
                bytes.map(|(one, other)| (one ^ other).count_ones()).sum()
            };
            let changed: Vec<usize> = (0..names.len()).filter(|name| bits(*name) > 0).collect();
            assert_eq!(changed.len(), 1, "{flipped:?}");
            assert_eq!(bits(changed[0]), 1, "{flipped:?}");
            assert_eq!(messages.join(names[changed[0]]), flipped.file);
            assert!(changed[0] < 2, "only a block with something in it: {flipped:?}");
        }
    }

    #[test]
    fn where_there_is_no_block_nothing_is_flipped() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(flip(folder.path(), "LOG", &mut Random::new(1)).unwrap(), None);
    }
}
