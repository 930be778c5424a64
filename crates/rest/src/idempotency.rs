//! The same command under the same key is the same command.

use kernel::{Actor, Key};
use runtime::IdempotencyKey;
use sha2::{Digest, Sha256};

use crate::{
    call::Call,
    problem::{Place, Problem, Violation},
};

const FIELD: &str = "Idempotency-Key";
const LENGTH_MAX: usize = 300;

/// The key of a command, if it has one: `route` is the method and the template it was given by,
/// `body` the command as it is always written.
///
/// # Errors
///
/// When it is too long, or has characters that cannot be seen.
pub fn key(
    call: &Call,
    by: &Actor,
    route: &str,
    (of, body): (Option<&Key>, &[u8]),
) -> Result<Option<IdempotencyKey>, Problem> {
    let Some(key) = crate::call::single(&call.headers, FIELD)? else { return Ok(None) };
    let key = key.as_bytes();
    let visible = key.iter().all(u8::is_ascii_graphic);
    if key.is_empty() || key.len() > LENGTH_MAX || !visible {
        let sentences = (
            "눈에 보이는 ASCII 문자 1자에서 300자여야 해요.",
            "must have 1 to 300 visible ASCII characters.",
        );
        let wrong = Violation::new(Place::Header, FIELD, "length", sentences);
        return Err(wrong.with("min", 1).with("max", LENGTH_MAX).into());
    }
    let of = match of {
        Some(Key::Number(number)) => number.to_string(),
        Some(Key::Name(name)) => name.clone(),
        None => String::new(),
    };
    let scope = [by.name.as_bytes(), by.role.as_bytes(), route.as_bytes(), key];
    let (scope, body) = (fingerprint(&scope), fingerprint(&[of.as_bytes(), body]));
    Ok(Some(IdempotencyKey { scope, body }))
}

/// Each part with its length before it, so that none can reach into the next.
fn fingerprint(parts: &[&[u8]]) -> u128 {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    let mut bits = [0; 16];
    bits.copy_from_slice(&digest.finalize()[..16]);
    u128::from_be_bytes(bits)
}
