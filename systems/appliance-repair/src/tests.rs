//! The words of the centre, and whether its contexts fit together.

use kernel::{Board, Indexed, Shape, Word};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, from_value, json, to_value};

use crate::{
    examples::won,
    phone::PhoneNumber,
    status::{JobStatus, PayStatus, RequestStatus},
    system,
    words::{ProductCode, Won},
};

#[test]
fn no_arrow_starts_or_ends_nowhere() {
    assert_eq!(Board::of(&system()).loose_ends(), Vec::<String>::new());
}

#[test]
fn the_contexts_are_in_the_order_of_the_customers_journey() {
    let system = system();
    let contexts: Vec<_> = system.contexts.iter().map(|it| it.name).collect();
    assert_eq!(contexts, ["request", "service", "stock", "payment", "progress"]);
    let roles: Vec<_> = system.roles().iter().map(|it| it.name).collect();
    assert_eq!(roles, ["customer", "desk", "engineer", "parts_keeper", "center_manager"]);
}

#[test]
fn a_status_is_the_word_of_the_trade() {
    same_words::<RequestStatus>(RequestStatus::WORDS);
    same_words::<JobStatus>(JobStatus::WORDS);
    same_words::<PayStatus>(PayStatus::WORDS);
}

#[test]
fn a_phone_number_is_written_in_one_way() {
    let numbers = [
        ("010-0000-0001", "010-0000-0001"),
        ("01000000001", "010-0000-0001"),
        ("010 0000 0001", "010-0000-0001"),
        ("+821000000001", "010-0000-0001"),
        ("+82 10-0000-0001", "010-0000-0001"),
        ("+82 010-0000-0001", "010-0000-0001"),
        ("02-0000-0101", "02-0000-0101"),
        ("020000101", "02-000-0101"),
        ("+82-2-0000-0101", "02-0000-0101"),
        ("031-000-0101", "031-000-0101"),
        ("0507-0000-0001", "0507-0000-0001"),
        ("15880000", "1588-0000"),
    ];
    for (written, stored) in numbers {
        let number: PhoneNumber = from_value(json!(written)).unwrap();
        assert_eq!(to_value(&number).unwrap(), json!(stored), "{written}");
    }
}

#[test]
fn what_cannot_be_called_in_korea_is_no_phone_number() {
    let strange = ["", "119", "010-0000", "010-00000-00001", "+1 555 0100", "00700-1-555"];
    for written in strange.into_iter().chain(["010-0000-000a", "공일공0000", "15880000123"]) {
        assert!(from_value::<PhoneNumber>(json!(written)).is_err(), "{written}");
    }
}

#[test]
fn a_phone_number_is_never_printed_in_full() {
    let printed = |written| {
        let number = PhoneNumber::new(written).unwrap();
        assert_eq!(number.to_string(), format!("{number:?}"));
        number.to_string()
    };
    assert_eq!(printed("010-0000-0001"), "010-****-0001");
    assert_eq!(printed("02-000-0101"), "02-***-0101");
    assert_eq!(printed("1588-0000"), "1588-****");
}

#[test]
fn money_and_codes_have_their_limits() {
    assert_eq!(from_value::<Won>(json!(9_999_999)).unwrap(), won(9_999_999));
    assert!(from_value::<Won>(json!(10_000_000)).is_err());
    assert!(from_value::<Won>(json!(-1)).is_err());
    assert!(from_value::<ProductCode>(json!("")).is_err());
    assert!(from_value::<ProductCode>(json!("가".repeat(41))).is_err());
}

/// Read, written, indexed and described: always the same word.
fn same_words<S>(words: &'static [&'static str])
where
    S: Serialize + DeserializeOwned + Word + Into<Indexed>,
{
    assert_eq!(S::SHAPE, Shape::OneOf(words));
    for word in words {
        let status: S = from_value(Value::from(*word)).unwrap();
        assert_eq!(to_value(&status).unwrap(), json!(word));
        assert_eq!(status.into(), Indexed::from(*word));
    }
}
