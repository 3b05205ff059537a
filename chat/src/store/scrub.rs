//! A layer between SQLite and the system that writes no byte of a page which the page does not use.
//!
//! `secure_delete` overwrites what is freed, but when SQLite rebuilds a page of a tree in place (`rebuildPage` in its
//! `btree.c`), copies of rows stay between the page's pointers and its rows. A message that is deleted afterwards is
//! overwritten where it stands, and not where such a copy of it is. So these bytes are zeroed as pages are written into the
//! database ("B-tree Pages" in "Database File Format", SQLite's documentation). The write-ahead log still has them; it is
//! emptied after a deletion, and the writer then forgets its pages (`empty_wal`).

#![expect(unsafe_code, reason = "SQLite's C interface is the only way to stand there")]

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ops::Range;
use std::ptr;
use std::slice;
use std::sync::OnceLock;

use rusqlite::{Connection, ffi};

/// The layer's name, to open a connection by.
pub(super) const NAME: &CStr = c"madang-scrub";

/// Pages a database may have. From the next one on, the number that a page of no tree begins with could be taken for the
/// mark of a tree's; at SQLite's 4,096 bytes a page that is at 137 GB.
pub(super) const PAGES_MAX: u32 = 0x01ff_ffff;

/// The methods of an open database: those of the system, but for the writing.
#[repr(C)]
struct Methods {
    /// First, for SQLite takes a pointer to the whole for one to this.
    methods: ffi::sqlite3_io_methods,
    write: Option<Write>,
}

type Write = unsafe extern "C" fn(*mut ffi::sqlite3_file, *const c_void, c_int, ffi::sqlite3_int64) -> c_int;

/// Makes the layer known to SQLite; more than once does no harm. False where SQLite has no system to stand on.
pub(super) fn register() -> bool {
    static REGISTERED: OnceLock<bool> = OnceLock::new();
    *REGISTERED.get_or_init(|| {
        // SAFETY: the default layer is a static of SQLite's. Ours is a copy of it, which lives for ever; all its functions
        // but `open` ask of the layer they are given only what was copied.
        unsafe {
            let system = ffi::sqlite3_vfs_find(ptr::null());
            if system.is_null() {
                return false;
            }
            let mut layer = *system;
            layer.zName = NAME.as_ptr();
            layer.pNext = ptr::null_mut();
            layer.xOpen = Some(open);
            ffi::sqlite3_vfs_register(Box::leak(Box::new(layer)), 0) == ffi::SQLITE_OK
        }
    })
}

/// Whether all pages of a database are of the kinds that can be told apart: pages that map pointers (`auto_vacuum`) may begin
/// with the mark of a tree's, and so may others of one with more than [`PAGES_MAX`] pages.
pub(super) fn knows_the_pages_of(connection: &Connection) -> bool {
    let number = |pragma| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    // What cannot be read is found out, and said, by those who ask next.
    let has_maps = number("auto_vacuum").is_ok_and(|kind| kind != 0);
    let is_larger = number("page_count").is_ok_and(|pages| pages > i64::from(PAGES_MAX));
    !has_maps && !is_larger
}

unsafe extern "C" fn open(
    _layer: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    // SAFETY: the arguments are SQLite's own and are handed on as they came. A file that was opened has methods, which are
    // statics of SQLite's; those we put there instead live for ever and are the same but for one function.
    unsafe {
        let system = ffi::sqlite3_vfs_find(ptr::null());
        let Some(open) = system.as_ref().and_then(|system| system.xOpen) else {
            return ffi::SQLITE_CANTOPEN;
        };
        let result = open(system, name, file, flags, out_flags);
        if result == ffi::SQLITE_OK
            && flags & ffi::SQLITE_OPEN_MAIN_DB != 0
            && let Some(methods) = (*file).pMethods.as_ref()
        {
            let ours = Box::leak(Box::new(Methods {
                methods: *methods,
                write: methods.xWrite,
            }));
            ours.methods.xWrite = Some(write);
            (*file).pMethods = ptr::from_ref(ours).cast();
        }
        result
    }
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    bytes: *const c_void,
    count: c_int,
    offset: ffi::sqlite3_int64,
) -> c_int {
    // SAFETY: only files that `open` gave our methods come here, and `bytes` are `count` bytes of SQLite's.
    unsafe {
        let Some(write) = (*(*file).pMethods.cast::<Methods>()).write else {
            return ffi::SQLITE_IOERR_WRITE;
        };
        let Ok(length) = usize::try_from(count) else {
            return write(file, bytes, count, offset);
        };
        let page = slice::from_raw_parts(bytes.cast::<u8>(), length);
        match unused(page, offset == 0) {
            Some(range) if page[range.clone()].iter().any(|&byte| byte != 0) => {
                let mut page = page.to_vec();
                page[range].fill(0);
                write(file, page.as_ptr().cast(), count, offset)
            }
            _ => write(file, bytes, count, offset),
        }
    }
}

/// The bytes of a tree's page that belong to nothing; `None` for what is no such page.
fn unused(page: &[u8], is_first: bool) -> Option<Range<usize>> {
    if page.len() < 512 || !page.len().is_power_of_two() {
        return None;
    }
    // The first page begins with the file's own header.
    let head = if is_first { 100 } else { 0 };
    let head_bytes = match page[head] {
        0x0a | 0x0d => 8,
        0x02 | 0x05 => 12,
        _ => return None,
    };
    let number = |at: usize| usize::from(u16::from_be_bytes([page[at], page[at + 1]]));
    let rows = number(head + 3);
    let content = match number(head + 5) {
        0 => 65_536,
        content => content,
    };
    let start = head + head_bytes + 2 * rows;
    (start <= content && content <= page.len()).then_some(start..content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_with_pages_of_other_kinds_is_left_alone() {
        let connection = Connection::open_in_memory().unwrap();
        assert!(knows_the_pages_of(&connection));
        connection
            .execute_batch("PRAGMA auto_vacuum = 1; VACUUM; CREATE TABLE one (two)")
            .unwrap();
        assert!(!knows_the_pages_of(&connection));
    }

    fn page(kind: u8, rows: u16, content: u16) -> Vec<u8> {
        let mut page = vec![7; 1_024];
        page[0] = kind;
        page[3..5].copy_from_slice(&rows.to_be_bytes());
        page[5..7].copy_from_slice(&content.to_be_bytes());
        page
    }

    #[test]
    fn what_lies_between_the_pointers_and_the_rows_is_unused() {
        assert_eq!(unused(&page(0x0a, 3, 900), false), Some(14..900));
        assert_eq!(unused(&page(0x05, 3, 900), false), Some(18..900));
        assert_eq!(unused(&page(0x0d, 0, 1_024), false), Some(8..1_024));
    }

    #[test]
    fn what_is_no_page_of_a_tree_is_left_alone() {
        for other in [page(0, 3, 900), page(0x0a, 900, 20), page(0x0a, 1, 2_000)] {
            assert_eq!(unused(&other, false), None);
        }
        assert_eq!(unused(&page(0x0a, 3, 900)[..700], false), None);
    }
}
