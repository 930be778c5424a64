//! The tables of a context, but for those of its views.

use crate::ask::quoted;

/// The version of the tables, as this program makes them.
pub const VERSION: i32 = 1;

/// What a schema of ours holds, and no other does.
pub const MARK: &str = "madang";

/// Everything that the first version of the tables has.
///
/// Names that are declared are texts. Texts that come from outside are bytes,
/// because a text here does not take every character. What is written again and
/// again leaves room for it in its page.
pub fn first(schema: &str) -> String {
    let schema = quoted(schema);
    let text = "TEXT COLLATE \"C\" NOT NULL";
    let number = "BIGINT NOT NULL";
    format!(
        "CREATE TABLE {schema}.{MARK} (tables INT NOT NULL);
         INSERT INTO {schema}.{MARK} VALUES (1);
         CREATE TABLE {schema}.head (position {number}, revision {number})
           WITH (fillfactor = 10);
         INSERT INTO {schema}.head VALUES (0, 0);
         CREATE TABLE {schema}.event (
           name {text} PRIMARY KEY, schema INT NOT NULL, count {number}) WITH (fillfactor = 50);
         CREATE TABLE {schema}.view (
           name {text} PRIMARY KEY, rows {number}, fields TEXT[] NOT NULL,
           is_stale BOOL NOT NULL) WITH (fillfactor = 50);
         CREATE TABLE {schema}.journal (
           position BIGINT PRIMARY KEY, event {text}, schema INT NOT NULL, kind {text},
           number {number}, name BYTEA, version {number}, at {number},
           actor BYTEA NOT NULL, role BYTEA NOT NULL, case_kind {text}, case_number {number},
           command {text}, cause_context TEXT COLLATE \"C\", cause_position BIGINT,
           trace BYTEA, body BYTEA NOT NULL);
         CREATE UNIQUE INDEX journal_of ON {schema}.journal (number, kind, version);
         CREATE INDEX journal_case ON {schema}.journal (case_number, case_kind, position);
         CREATE TABLE {schema}.thing (
           kind {text}, number {number}, name BYTEA, version {number}, last {number},
           case_kind {text}, case_number {number}, state BYTEA NOT NULL,
           PRIMARY KEY (kind, number));
         CREATE UNIQUE INDEX thing_name ON {schema}.thing (kind, sha256(name))
           WHERE name IS NOT NULL;
         CREATE TABLE {schema}.answer (
           scope BYTEA PRIMARY KEY, body BYTEA NOT NULL, at {number}, said BYTEA NOT NULL);
         CREATE INDEX answer_at ON {schema}.answer (at);
         CREATE TABLE {schema}.progress (
           subscription {text}, source {text}, position {number}, done {number},
           refused {number}, abandoned {number}, owner {text}, epoch {number}, until {number},
           PRIMARY KEY (subscription, source)) WITH (fillfactor = 50);
         CREATE TABLE {schema}.delivery (
           subscription {text}, position {number}, source {text}, stage INT NOT NULL, due BIGINT,
           case_kind {text}, case_number {number}, attempts INT NOT NULL, since {number},
           reason_ko BYTEA, reason_en BYTEA, ended INT NOT NULL,
           PRIMARY KEY (subscription, position, source));
         CREATE TABLE {schema}.act (
           LIKE {schema}.delivery, id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
           at {number}, actor BYTEA NOT NULL, role BYTEA NOT NULL, deed {text},
           why BYTEA NOT NULL);
         CREATE INDEX act_about ON {schema}.act (subscription, position, source, id);
         CREATE INDEX delivery_stage
           ON {schema}.delivery (subscription, stage, position, source);
         CREATE INDEX delivery_due
           ON {schema}.delivery (subscription, due, position, source) WHERE due IS NOT NULL;"
    )
}
