//! A file that is open: what changes it goes by the disk, all else to the
//! operating system.

use std::{
    cell::Cell,
    ffi::{c_int, c_void},
    ptr, slice,
    sync::Arc,
};

use rusqlite::ffi::{self, sqlite3_file, sqlite3_io_methods};

use crate::disk::{Disk, File};

/// A file on a disk of ours.
pub struct Open {
    /// The disk.
    pub disk: Arc<Disk>,
    /// Which handle; the same file may be open several times.
    pub handle: u64,
    /// Which file.
    pub file: File,
    /// The next sync is one of the folder, too.
    pub names: Cell<bool>,
}

/// What the engine holds of it; the handle of the system lies behind it.
#[repr(C, align(8))]
pub struct Handle {
    base: sqlite3_file,
    /// Null when the file is on no disk of ours.
    open: *mut Open,
}

static METHODS: sqlite3_io_methods = sqlite3_io_methods {
    iVersion: 2, // No memory mapped files: what is written there goes past everybody.
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

/// Makes the room a file that is open.
///
/// # Safety
///
/// The room is that of a [`Handle`] with the system's open file behind it.
pub unsafe fn begin(file: *mut sqlite3_file, open: Option<Open>) {
    let open = open.map_or(ptr::null_mut(), |open| Box::into_raw(Box::new(open)));
    let handle = Handle { base: sqlite3_file { pMethods: &raw const METHODS }, open };
    // SAFETY: promised by the caller.
    unsafe { file.cast::<Handle>().write(handle) };
}

/// The system's file behind ours.
///
/// # Safety
///
/// The room is that of a [`Handle`] with more behind it.
pub unsafe fn system(file: *mut sqlite3_file) -> *mut sqlite3_file {
    // SAFETY: promised by the caller.
    unsafe { file.cast::<Handle>().add(1).cast() }
}

/// # Safety
///
/// The file was begun, and not closed since; one thread at a time uses it.
unsafe fn open<'a>(file: *mut sqlite3_file) -> Option<&'a Open> {
    // SAFETY: promised by the caller.
    unsafe { (*file.cast::<Handle>()).open.as_ref() }
}

/// Calls a method of the system's file, or says that there is none.
macro_rules! of_system {
    ($file:ident.$method:ident($($given:expr),*)) => {{
        // SAFETY: the engine calls only while the file is open, and what it hands
        // over goes to the method it was meant for.
        unsafe {
            let system = system($file);
            match (*(*system).pMethods).$method {
                Some(call) => call(system, $($given),*),
                None => ffi::SQLITE_IOERR,
            }
        }
    }};
}

/// Methods that the system does alone.
macro_rules! by_system {
    ($($name:ident = $method:ident($($given:ident: $of:ty),*);)*) => {$(
        unsafe extern "C" fn $name(file: *mut sqlite3_file, $($given: $of),*) -> c_int {
            of_system!(file.$method($($given),*))
        }
    )*};
}

by_system! {
    read = xRead(into: *mut c_void, count: c_int, at: i64);
    file_size = xFileSize(size: *mut i64);
    lock = xLock(level: c_int);
    unlock = xUnlock(level: c_int);
    check_reserved_lock = xCheckReservedLock(is_reserved: *mut c_int);
    sector_size = xSectorSize();
    shm_map = xShmMap(region: c_int, size: c_int, extend: c_int, at: *mut *mut c_void);
    shm_lock = xShmLock(offset: c_int, count: c_int, flags: c_int);
    shm_unmap = xShmUnmap(delete: c_int);
}

unsafe extern "C" fn shm_barrier(file: *mut sqlite3_file) {
    // SAFETY: as with every method of the system's file.
    unsafe {
        let system = system(file);
        if let Some(barrier) = (*(*system).pMethods).xShmBarrier {
            barrier(system);
        }
    }
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    // SAFETY: the engine closes a file once, and does not touch it afterwards.
    unsafe {
        let open = std::mem::replace(&mut (*file.cast::<Handle>()).open, ptr::null_mut());
        if !open.is_null() {
            let open = Box::from_raw(open);
            open.disk.closed(open.handle);
        }
    }
    of_system!(file.xClose())
}

unsafe extern "C" fn write(
    file: *mut sqlite3_file,
    from: *const c_void,
    count: c_int,
    at: i64,
) -> c_int {
    // SAFETY: the file is open.
    let Some(open) = (unsafe { open(file) }) else {
        return of_system!(file.xWrite(from, count, at));
    };
    // SAFETY: so many bytes are there, until we return.
    let bytes = unsafe { slice::from_raw_parts(from.cast::<u8>(), count.unsigned_abs() as usize) };
    open.disk.write((open.handle, open.file), at.unsigned_abs(), bytes, |part| {
        let count = c_int::try_from(part.len()).unwrap_or(count);
        of_system!(file.xWrite(part.as_ptr().cast(), count, at))
    })
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, size: i64) -> c_int {
    // SAFETY: the file is open.
    match unsafe { open(file) } {
        Some(open) => open.disk.resize((open.handle, open.file), size.unsigned_abs(), || {
            of_system!(file.xTruncate(size))
        }),
        None => of_system!(file.xTruncate(size)),
    }
}

/// The disk below need not be waited for: what is left of it is known here.
unsafe extern "C" fn sync(file: *mut sqlite3_file, flags: c_int) -> c_int {
    // SAFETY: the file is open.
    let Some(open) = (unsafe { open(file) }) else { return of_system!(file.xSync(flags)) };
    let code = open.disk.sync((open.handle, open.file), open.names.get());
    if code == ffi::SQLITE_OK {
        open.names.set(false);
    }
    code
}

unsafe extern "C" fn file_control(
    file: *mut sqlite3_file,
    what: c_int,
    with: *mut c_void,
) -> c_int {
    // SAFETY: the file is open.
    if let Some(open) = unsafe { open(file) } {
        match what {
            ffi::SQLITE_FCNTL_CKPT_START => open.disk.checkpoint(true),
            ffi::SQLITE_FCNTL_CKPT_DONE => open.disk.checkpoint(false),
            _ => {}
        }
    }
    of_system!(file.xFileControl(what, with))
}

/// Nothing but this: bytes beside those that are written stay as they are. A
/// sector may be torn, and what is written later may arrive sooner.
unsafe extern "C" fn device_characteristics(_: *mut sqlite3_file) -> c_int {
    ffi::SQLITE_IOCAP_POWERSAFE_OVERWRITE
}
