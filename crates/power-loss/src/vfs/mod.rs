//! The engine's way to such a disk: the one of the operating system, with the
//! disk asked at every turn.
#![expect(unsafe_code, reason = "the engine speaks C")]

mod file;

use std::{
    ffi::{CStr, OsStr, c_char, c_int},
    os::unix::ffi::OsStrExt,
    path::Path,
    ptr,
    sync::{
        Once,
        atomic::{AtomicU64, Ordering},
    },
};

use rusqlite::ffi::{self, sqlite3_file, sqlite3_vfs};

use crate::disk::{DRAFT, Disk, NOBODY};
use file::{Handle, Open};

/// The name under which the engine knows it.
pub const NAME: &CStr = c"power-loss";

static ONCE: Once = Once::new();
static HANDLES: AtomicU64 = AtomicU64::new(1);

/// Makes it known to the engine, and says its name.
///
/// # Panics
///
/// When the engine has no way to the disk at all.
#[must_use]
pub fn name() -> String {
    ONCE.call_once(register);
    NAME.to_string_lossy().into_owned()
}

fn register() {
    let system = system();
    // SAFETY: the engine's own description, which lives as long as the process.
    let mut ours = unsafe { *system };
    ours.iVersion = 2;
    ours.szOsFile += c_int::try_from(size_of::<Handle>()).expect("it is small");
    ours.pNext = ptr::null_mut();
    ours.zName = NAME.as_ptr();
    ours.xOpen = Some(open);
    ours.xDelete = Some(delete);
    // SAFETY: it is never taken back, so the description must live for ever; what
    // was copied from the system's does not look at whom it was called through.
    let code = unsafe { ffi::sqlite3_vfs_register(Box::leak(Box::new(ours)), 0) };
    assert_eq!(code, ffi::SQLITE_OK, "the engine takes another way to the disk");
}

/// The way of the operating system.
fn system() -> *mut sqlite3_vfs {
    // SAFETY: a name that ends with a zero; the engine starts itself if need be.
    let found = unsafe { ffi::sqlite3_vfs_find(c"unix".as_ptr()) };
    assert!(!found.is_null(), "the engine knows the operating system");
    found
}

/// # Safety
///
/// As the engine calls it: `name` is null or a path that lives as long as the
/// file, and `file` has the room that was asked for.
unsafe extern "C" fn open(
    _: *mut sqlite3_vfs,
    name: *const c_char,
    file: *mut sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    // SAFETY: promised by the engine.
    let path = unsafe { path(name) };
    let was_there = path.is_some_and(Path::exists);
    let system = system();
    // SAFETY: our handle comes first in the room, and that of the system behind it;
    // the engine tests for null methods before it closes what could not be opened.
    unsafe {
        (*file).pMethods = ptr::null();
        let Some(open) = (*system).xOpen else { return ffi::SQLITE_CANTOPEN };
        let code = open(system, name, file::system(file), flags, out_flags);
        if code != ffi::SQLITE_OK {
            return code;
        }
    }
    let place = path.and_then(|path| {
        let disk = Disk::of(path)?;
        // The system syncs the folder together with a log, the first time.
        let log = ffi::SQLITE_OPEN_WAL | ffi::SQLITE_OPEN_MAIN_JOURNAL;
        let names = flags & log != 0 && flags & ffi::SQLITE_OPEN_CREATE != 0;
        let handle = HANDLES.fetch_add(1, Ordering::Relaxed);
        let handle = if is_draft(path) { DRAFT } else { handle };
        let file = disk.opened(handle, path, !was_there)?;
        Some(Open { disk, handle, file, names: names.into() })
    });
    // SAFETY: the room is large enough and belongs to us alone.
    unsafe { file::begin(file, place) };
    ffi::SQLITE_OK
}

/// # Safety
///
/// As the engine calls it: `name` is a path.
unsafe extern "C" fn delete(_: *mut sqlite3_vfs, name: *const c_char, sync: c_int) -> c_int {
    let system = system();
    // SAFETY: promised by the engine; the system's own function for its own description.
    let real = || unsafe {
        match (*system).xDelete {
            // Its names are durable as soon as the disk here says so.
            Some(delete) => delete(system, name, 0),
            None => ffi::SQLITE_IOERR_DELETE,
        }
    };
    // SAFETY: promised by the engine.
    match unsafe { path(name) }.and_then(|path| Some((path, Disk::of(path)?))) {
        Some((path, disk)) => {
            let handle = if is_draft(path) { DRAFT } else { NOBODY };
            disk.remove((handle, path), sync != 0, real)
        }
        None => real(),
    }
}

/// A database that is being made has another name until it is whole.
fn is_draft(path: &Path) -> bool {
    path.to_string_lossy().contains(".db-new")
}

/// # Safety
///
/// It is null, or ends with a zero and lives for as long as what is made of it.
unsafe fn path<'a>(name: *const c_char) -> Option<&'a Path> {
    if name.is_null() {
        return None;
    }
    // SAFETY: promised by the caller.
    let name = unsafe { CStr::from_ptr(name) };
    Some(Path::new(OsStr::from_bytes(name.to_bytes())))
}
