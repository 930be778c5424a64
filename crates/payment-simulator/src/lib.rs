//! A payment provider to practise with.
//!
//! It is a system of the outside world: it has a durable record of its own,
//! knows nothing of ours, and charges once for every key, however often it is
//! asked and whatever became of its answers. What it feels is set in the lab:
//! `decline` makes it decline new charges, `garbled` makes its answers unreadable
//! although it charges; down, slow, failing and unknown are
//! done to the calls on their way.

#![warn(missing_docs)]

mod record;

use std::path::Path;

use parking_lot::RwLock;
use runtime::{
    Failure,
    lab::Mood,
    ports::{Outside, Pending},
};
use serde::{Deserialize, Serialize};

use record::Record;
pub use record::{Charged, OpenError};

/// The name by which the businesses know it.
pub const NAME: &str = "payment-provider";

/// A payment provider to practise with.
pub struct PaymentSimulator {
    record: Record,
    mood: RwLock<Mood>,
}

/// A charge as it is asked for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Charge {
    order_id: String,
    amount: u64,
}

/// What it answers.
#[derive(Debug, Serialize)]
#[serde(tag = "outcome", rename_all = "camelCase", rename_all_fields = "camelCase")]
enum Outcome {
    Captured { payment_key: String },
    Declined { reason: String },
}

impl PaymentSimulator {
    /// Opens its record, which is made if it is not there.
    ///
    /// # Errors
    ///
    /// When the file cannot be used.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        Ok(Self { record: Record::open(path)?, mood: RwLock::new(Mood::Up) })
    }

    /// Everything it was ever asked to charge, in order.
    ///
    /// # Errors
    ///
    /// When its record cannot be read.
    pub fn charges(&self) -> Result<Vec<Charged>, rusqlite::Error> {
        self.record.all()
    }

    fn feels(&self, own: &str) -> bool {
        matches!(&*self.mood.read(), Mood::Own(mood) if mood == own)
    }

    fn charge(&self, body: &[u8], key: &str) -> Result<Vec<u8>, Failure> {
        let charge: Charge = serde_json::from_slice(body)
            .map_err(|error| Failure::fault(format!("{NAME} cannot read the charge: {error}")))?;
        let outcome = if self.feels("decline") {
            Outcome::Declined {
                reason: "카드 승인이 거절되었습니다 (card declined)".into()
            }
        } else {
            Outcome::Captured { payment_key: format!("pay-{}", charge.order_id) }
        };
        let outcome = serde_json::to_string(&outcome)
            .map_err(|error| Failure::fault(format!("{NAME} cannot write: {error}")))?;
        let new =
            Charged { key: key.into(), order_id: charge.order_id, amount: charge.amount, outcome };
        match self.record.keep(&new) {
            Ok(kept) if kept.order_id == new.order_id && kept.amount == new.amount => {
                Ok(kept.outcome.into_bytes())
            }
            Ok(_) => {
                Err(Failure::fault(format!("{NAME}: the key {key} was used for another charge")))
            }
            Err(error) => Err(Failure::unavailable(NAME, format!("its record failed: {error}"))),
        }
    }
}

impl Outside for PaymentSimulator {
    fn name(&self) -> &'static str {
        NAME
    }

    fn fulfil<'a>(
        &'a self,
        wish: &'a str,
        body: &'a [u8],
        key: &'a str,
    ) -> Pending<'a, Result<Vec<u8>, Failure>> {
        Box::pin(async move {
            match wish {
                "Charge" if self.feels("garbled") => {
                    self.charge(body, key).map(|_| br#"{"outcome":"???"}"#.to_vec())
                }
                "Charge" => self.charge(body, key),
                other => Err(Failure::fault(format!("{NAME} does not know {other}"))),
            }
        })
    }

    fn moods(&self) -> &'static [&'static str] {
        &["decline", "garbled"]
    }

    fn feel(&self, mood: &Mood) {
        *self.mood.write() = mood.clone();
    }
}

#[cfg(test)]
mod tests {
    use super::{Mood, Outside, PaymentSimulator};

    fn charge(provider: &PaymentSimulator, amount: u64, key: &str) -> Result<String, String> {
        let body = format!(r#"{{"orderId":"AS-1-1","amount":{amount},"orderName":"수리"}}"#);
        let answer = provider.charge(body.as_bytes(), key);
        answer.map(|it| String::from_utf8(it).unwrap()).map_err(|it| it.to_string())
    }

    #[test]
    fn a_key_is_charged_once_even_after_a_restart_and_a_change_of_mood() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("provider.sqlite");
        let provider = PaymentSimulator::open(&path).unwrap();
        let first = charge(&provider, 5_000, "payment/service/4").unwrap();
        drop(provider);

        let provider = PaymentSimulator::open(&path).unwrap();
        provider.feel(&Mood::Own("decline".into()));
        assert_eq!(charge(&provider, 5_000, "payment/service/4").unwrap(), first);
        assert_eq!(provider.charges().unwrap().len(), 1);
        assert!(charge(&provider, 9_000, "payment/service/4").is_err(), "another charge, same key");
    }

    #[test]
    fn it_declines_when_it_feels_like_it_and_remembers_that_too() {
        let folder = tempfile::tempdir().unwrap();
        let provider = PaymentSimulator::open(&folder.path().join("provider.sqlite")).unwrap();
        provider.feel(&Mood::Own("decline".into()));
        let declined = charge(&provider, 5_000, "one").unwrap();
        assert!(declined.contains(r#""outcome":"declined""#), "{declined}");
        provider.feel(&Mood::Up);
        assert_eq!(charge(&provider, 5_000, "one").unwrap(), declined);
        assert!(charge(&provider, 5_000, "two").unwrap().contains("captured"));
    }
}
