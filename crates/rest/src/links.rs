//! The links of a resource, written as they go over the wire.

use crate::rows::quoted;

/// The links of a resource.
pub struct Links(String);

impl Links {
    /// To itself.
    pub fn to_self(href: &str) -> Self {
        let mut links = Self(String::from("\"_links\":{"));
        links.add("self", href, &[]);
        links
    }

    /// To something else, with what is to be known of it.
    pub fn add(&mut self, relation: &str, href: &str, more: &[(&str, &str)]) {
        if !self.0.ends_with('{') {
            self.0.push(',');
        }
        self.0.push_str(&quoted(relation));
        self.0.push_str(":{\"href\":");
        self.0.push_str(&quoted(href));
        for (name, value) in more {
            self.0.push(',');
            self.0.push_str(&quoted(name));
            self.0.push(':');
            self.0.push_str(&quoted(value));
        }
        self.0.push('}');
    }

    /// To whatever a template is filled in with.
    pub fn add_template(&mut self, relation: &str, href: &str) {
        self.add(relation, href, &[]);
        self.0.pop();
        self.0.push_str(",\"templated\":true}");
    }

    /// The member `_links`.
    pub fn member(self) -> String {
        self.0 + "}"
    }
}
