//! The links of a resource, written as they go over the wire.

use crate::rows::quote;

/// How long they usually are together, in bytes.
const USUAL: usize = 512;

/// The links of a resource.
pub struct Links(String);

impl Links {
    /// To itself.
    pub fn to_self(href: &str) -> Self {
        let mut links = Self(String::with_capacity(USUAL));
        links.0.push_str("\"_links\":{");
        links.add("self", href, &[]);
        links
    }

    /// To something else, with what is to be known of it.
    pub fn add(&mut self, relation: &str, href: &str, more: &[(&str, &str)]) {
        if !self.0.ends_with('{') {
            self.0.push(',');
        }
        quote(relation, &mut self.0);
        self.0.push_str(":{\"href\":");
        quote(href, &mut self.0);
        for (name, value) in more {
            self.0.push(',');
            quote(name, &mut self.0);
            self.0.push(':');
            quote(value, &mut self.0);
        }
        self.0.push('}');
    }

    /// To whatever a template is filled in with.
    pub fn add_template(&mut self, relation: &str, href: &str) {
        self.add(relation, href, &[]);
        self.0.pop();
        self.0.push_str(",\"templated\":true}");
    }

    /// How long they are, in bytes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The member `_links`.
    pub fn member(self) -> String {
        self.0 + "}"
    }
}
