//! What stands in an indexed field, as a column has it.

use kernel::Indexed;

use crate::fault::Fault;

/// How many bytes of it are compared one by one; longer ones are told apart by
/// a fingerprint after that, because an index does not take them whole.
const COMPARED: usize = 1000;

/// Nothing, all numbers, all texts: bytes that are in this order.
///
/// A number has its sign turned over, so that its bytes are in order too; a
/// text is in the order of its bytes already.
pub fn written(is: &Indexed) -> Vec<u8> {
    match is {
        Indexed::Nothing => vec![0],
        Indexed::Whole(number) => {
            let unsigned = number.cast_unsigned() ^ (1 << 63);
            [&[1], unsigned.to_be_bytes().as_slice()].concat()
        }
        Indexed::Text(text) => [&[2], text.as_bytes()].concat(),
    }
}

/// The other way round.
pub fn read(bytes: &[u8]) -> Result<Indexed, Fault> {
    let wrong = || Fault::Unreadable("an indexed field".to_owned(), format!("it holds {bytes:?}"));
    Ok(match bytes {
        [0] => Indexed::Nothing,
        [1, number @ ..] => {
            let unsigned = u64::from_be_bytes(number.try_into().map_err(|_| wrong())?);
            Indexed::Whole((unsigned ^ (1 << 63)).cast_signed())
        }
        [2, text @ ..] => Indexed::Text(String::from_utf8(text.to_vec()).map_err(|_| wrong())?),
        _ => return Err(wrong()),
    })
}

/// What a column, or a value bound to a statement, is compared by.
pub fn key(of: &str) -> String {
    format!(
        "(CASE WHEN octet_length({of}) > {COMPARED} \
         THEN substr({of}, 1, {COMPARED}) || sha256({of}) ELSE {of} END)"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_in_the_order_of_what_they_stand_for() {
        let whole = [i64::MIN, -256, -1, 0, 1, 255, 256, i64::MAX].map(Indexed::Whole);
        let texts = ["", "\0", "a", "a\0", "ab", "b", "가"].map(Indexed::from);
        let all = [vec![Indexed::Nothing], whole.to_vec(), texts.to_vec()].concat();
        assert!(all.is_sorted());
        let bytes = all.iter().map(written).collect::<Vec<_>>();
        assert!(bytes.is_sorted());
        let again = bytes.iter().map(|it| read(it).unwrap()).collect::<Vec<_>>();
        assert_eq!(again, all);
    }
}
