//! A television that shows nothing, for the examples of every context.

use kernel::{Actor, Envelope, Given, Time, Token};

use crate::{
    phone::PhoneNumber,
    words::{ENGINEER, PersonName, ProductCode, RequestId, Symptom, Won},
};

pub fn symptom() -> Symptom {
    Symptom::new("화면이 안 나와요").unwrap()
}

pub fn product() -> ProductCode {
    ProductCode::new("1").unwrap()
}

pub fn customer() -> PersonName {
    PersonName::new("김서연").unwrap()
}

pub fn phone() -> PhoneNumber {
    PhoneNumber::new("010-0000-0001").unwrap()
}

pub fn engineer() -> Actor {
    Actor::new("김도현", ENGINEER.name)
}

pub fn won(number: u64) -> Won {
    Won::try_from(number).unwrap()
}

pub fn request(number: u64) -> RequestId {
    RequestId::new(number)
}

pub fn token() -> Token {
    Token::given(&Envelope { at: Time(0), by: Actor::system(), chance: 7 })
}
