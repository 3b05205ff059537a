//! Which data folder a node has: however often it is started, its folder has one say.

use chat::DataFolder;

use crate::error::Error;
use crate::names::FolderId;

/// Where a data folder keeps which it is.
const NAME: &str = "folder-id";

/// The folder's, made when it has none, or has that of the folder it is a copy of.
pub(crate) fn of(folder: &DataFolder) -> Result<FolderId, Error> {
    let place = folder.place()?;
    if let Some(kept) = folder.secret(NAME)?
        && numbers(&kept)[1..3] == place
    {
        return Ok(FolderId::new(numbers(&kept)[0]));
    }
    let number = getrandom::u64().map_err(|_| Error::NoRandomness)?;
    let mut kept = [0; 32];
    let written = [number, place[0], place[1]];
    for (bytes, number) in kept.chunks_exact_mut(8).zip(written) {
        bytes.copy_from_slice(&number.to_be_bytes());
    }
    folder.keep_secret(NAME, &kept)?;
    Ok(FolderId::new(number))
}

/// What is kept: the id, and the folder's place.
fn numbers(kept: &[u8; 32]) -> [u64; 4] {
    let mut numbers = [0; 4];
    for (number, bytes) in numbers.iter_mut().zip(kept.chunks_exact(8)) {
        *number = bytes
            .iter()
            .fold(0, |number, byte| (number << 8) | u64::from(*byte));
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_folder_keeps_its_id_and_a_copy_of_it_has_another() {
        let places = [(); 2].map(|()| tempfile::tempdir().unwrap());
        let [one, copy] = places.each_ref().map(|place| place.path().join("data"));
        let id = |path| of(&DataFolder::open(path).unwrap()).unwrap();
        let first = id(&one);
        assert_eq!(id(&one), first);
        fs::create_dir(&copy).unwrap();
        fs::copy(one.join(NAME), copy.join(NAME)).unwrap();
        let second = id(&copy);
        assert_ne!(second, first);
        assert_eq!((id(&one), id(&copy)), (first, second));
        // Moved, it is the same.
        let moved = places[0].path().join("moved");
        fs::rename(&one, &moved).unwrap();
        assert_eq!(id(&moved), first);
    }
}
