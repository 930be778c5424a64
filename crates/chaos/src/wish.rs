//! The commands that the experiments give, as the centre takes them.

use std::fmt;

use serde_json::json;

use crate::client::Ask;

/// A command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Parts come in; nobody else has this price.
    Receive { product: String, parts: u64, price: u64 },
    /// A customer asks for a repair; nobody else has this name.
    Request { customer: String, product: String },
    /// An engineer wants a job.
    Accept(u64),
    /// The appliance works again.
    Complete(u64),
    /// The customer no longer wants it.
    Cancel(u64),
}

impl Wish {
    /// As it is sent.
    pub fn ask(&self) -> Ask {
        match self {
            Self::Receive { product, parts, price } => Ask::post(
                "/stocks",
                json!({ "relatedProductId": product, "stock": parts, "unitPrice": price }),
            ),
            Self::Request { customer, product } => Ask::post(
                "/requests",
                json!({ "symptom": "화면이 안나와요", "productId": product, "customerName": customer }),
            ),
            Self::Accept(id) => Ask::put(format!("/services/{id}/accept")),
            Self::Complete(id) => Ask::put(format!("/services/{id}/product-repair")),
            Self::Cancel(id) => Ask::put(format!("/requests/{id}/servicecancel")),
        }
    }
}

impl fmt::Display for Wish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Receive { product, parts, .. } => write!(f, "receive {parts} of {product}"),
            Self::Request { customer, product } => write!(f, "request of {customer} for {product}"),
            Self::Accept(id) => write!(f, "accept {id}"),
            Self::Complete(id) => write!(f, "complete {id}"),
            Self::Cancel(id) => write!(f, "cancel {id}"),
        }
    }
}
