//! The money, at every version: what is owed is asked for, and paid once.

use std::collections::BTreeMap;

use kernel::Event;
use serde_json::{Value, from_slice};

use super::Wrong;
use crate::laws::{B1D, U8};

/// What is owed for each request.
#[derive(Default)]
pub struct Purse(BTreeMap<u64, Owed>);

#[derive(Debug, Default)]
struct Owed {
    /// What was promised when the job was accepted.
    price: Option<u64>,
    repaired: bool,
    canceled: bool,
    /// The attempt to pay that is open.
    open: Option<u64>,
    paid: bool,
}

impl Purse {
    /// Something happens, perhaps to the money.
    pub fn happens(
        &mut self,
        event: &Event,
        journals: &BTreeMap<&'static str, Vec<Event>>,
    ) -> Result<(), Wrong> {
        if !journals.contains_key("payment") || !["service", "payment"].contains(&event.context) {
            return Ok(());
        }
        let body: Value = from_slice(&event.body).unwrap_or_default();
        let own = self.0.entry(event.of.number).or_default();
        let well = match event.name {
            "AsAccepted" => own.price.replace(body["price"].as_u64().unwrap_or(0)).is_none(),
            "AsCanceled" => !own.repaired && !std::mem::replace(&mut own.canceled, true),
            "Repaired" => {
                own.repaired = true;
                !own.canceled && body["price"].as_u64() == own.price
            }
            "PaymentAsked" => {
                own.repaired
                    && !own.paid
                    && body["amount"].as_u64() == own.price
                    && own.open.replace(body["attempt"].as_u64().unwrap_or(0)).is_none()
            }
            "PaymentDeclined" => own.open.take() == body["attempt"].as_u64(),
            "Paid" => {
                let free = own.price == Some(0);
                own.repaired
                    && body["price"].as_u64() == own.price
                    && own.open.take().is_some() != free
                    && !std::mem::replace(&mut own.paid, true)
            }
            "JobPaid" => own.paid,
            _ => true,
        };
        if well {
            return Ok(());
        }
        let law = if event.context == "payment" { &U8 } else { &B1D };
        Err((
            law,
            Some(event.case),
            format!("after {} of {}: {own:?}", event.name, event.of.number),
        ))
    }
}
