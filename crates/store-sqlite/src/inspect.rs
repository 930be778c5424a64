//! Looking at a file before anything is done to it.

use std::{
    fs::{File, OpenOptions},
    io::{ErrorKind, Read},
    path::Path,
};

use runtime::store::Layout;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::{error::OpenError, ledger, lock::beside, migrate, options::Options, things};

/// How every `SQLite` database begins.
const MAGIC: &[u8] = b"SQLite format 3\0";

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// No file, or an empty one.
    Nothing,
    /// A database that can be opened.
    Ours,
}

/// The numbers at the beginning of a file.
type Header = [u8; 100];

/// Looks, and changes nothing: what is not ours keeps every byte.
///
/// The header is read without the engine, which would put files beside it.
pub fn look(path: &Path, layout: &Layout, options: &Options) -> Result<Found, OpenError> {
    let has_log = beside(path, "-wal").metadata().is_ok_and(|it| it.len() > 0);
    let Some((header, length)) = header(path)? else {
        // The log of a database that is gone must not get into a new one.
        let what = "there is a log beside it, and nothing in it".to_owned();
        let damaged = OpenError::Damaged { path: path.to_owned(), what };
        return if has_log { Err(damaged) } else { Ok(Found::Nothing) };
    };
    let not_ours = |what: String| OpenError::NotOurs { path: path.to_owned(), what };
    if !header.starts_with(MAGIC) {
        return Err(not_ours("it does not begin like a database".to_owned()));
    }
    let application = number(&header, 68);
    if application != migrate::APPLICATION.cast_unsigned() {
        return Err(not_ours(format!("it belongs to the application {application:#010x}")));
    }
    let (found, known) = (number(&header, 60), migrate::newest());
    if found > known {
        return Err(OpenError::Newer { path: path.to_owned(), found, known });
    }
    if !has_log && length < pages(&header) * page_size(&header) {
        let what = format!("it has {length} bytes, fewer than it says itself");
        return Err(OpenError::Damaged { path: path.to_owned(), what });
    }
    // An older one is brought up to date before its journals can be looked at.
    if found == known {
        read_only(path, has_log, options)
            .map_err(|error| engine(path, error))
            .and_then(|connection| understood(path, layout, &connection))?;
    }
    Ok(Found::Ours)
}

/// Whether this program understands everything that was written.
pub fn understood(path: &Path, layout: &Layout, connection: &Connection) -> Result<(), OpenError> {
    let written = ledger::written(connection).map_err(|error| engine(path, error))?;
    for (context, event, found) in written {
        let Some(declared) = layout.contexts.iter().find(|it| it.name == context) else {
            continue; // It is configured elsewhere now.
        };
        let path = path.to_owned();
        match declared.events.iter().find(|(name, _)| *name == event) {
            None => return Err(OpenError::UnknownEvent { path, context, event }),
            Some(&(_, known)) if known < found => {
                return Err(OpenError::NewerEvent { path, context, event, found, known });
            }
            Some(_) => {}
        }
    }
    known_kinds(path, layout, connection)
}

fn known_kinds(path: &Path, layout: &Layout, connection: &Connection) -> Result<(), OpenError> {
    let failed = |error| engine(path, error);
    for context in &layout.contexts {
        for (kind, table) in things::written(connection, context.name).map_err(failed)? {
            let is_known = context.kinds.iter().any(|it| it.eq_ignore_ascii_case(&kind));
            if !is_known && things::are_there(connection, &table).map_err(failed)? {
                let (path, context) = (path.to_owned(), context.name.to_owned());
                return Err(OpenError::UnknownKind { path, context, kind });
            }
        }
    }
    Ok(())
}

/// What the engine says, as a person can act on it.
pub fn engine(path: &Path, source: rusqlite::Error) -> OpenError {
    let path = path.to_owned();
    match source.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            OpenError::Damaged { path, what: source.to_string() }
        }
        Some(ErrorCode::DatabaseBusy) => OpenError::InUse { path },
        _ => OpenError::Engine { path, source },
    }
}

fn header(path: &Path) -> Result<Option<(Header, u64)>, OpenError> {
    let cannot = |source| OpenError::CannotWrite { path: path.to_owned(), source };
    let mut file: File = match OpenOptions::new().read(true).write(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(cannot(error)),
    };
    let length = file.metadata().map_err(cannot)?.len();
    let mut header = [0; 100];
    match file.read_exact(&mut header) {
        Err(error) if error.kind() != ErrorKind::UnexpectedEof => Err(cannot(error)),
        Err(_) if length == 0 => Ok(None),
        Ok(()) | Err(_) => Ok(Some((header, length))),
    }
}

/// Without a log the file alone is the truth, and the engine need not even look for one.
fn read_only(path: &Path, has_log: bool, options: &Options) -> rusqlite::Result<Connection> {
    let path = path.as_os_str().as_encoded_bytes();
    let path = path.iter().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => {
            char::from(*byte).to_string()
        }
        other => format!("%{other:02x}"),
    });
    let immutable = if has_log { "" } else { "?immutable=1" };
    let uri = format!("file:{}{immutable}", path.collect::<String>());
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    options.connect(uri, flags)
}

fn number(header: &Header, at: usize) -> u32 {
    u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
}

fn pages(header: &Header) -> u64 {
    // The count is only true when it was written together with the last change.
    if number(header, 24) == number(header, 92) { number(header, 28).into() } else { 0 }
}

fn page_size(header: &Header) -> u64 {
    match u16::from_be_bytes([header[16], header[17]]) {
        1 => 65536,
        size => size.into(),
    }
}
