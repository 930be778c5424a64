//! Rows as they change.

use crate::yard::Yard;

#[tokio::test]
async fn a_list_tells_every_change_from_now_on() {
    let yard = Yard::open();
    yard.order("before").await;
    let mut stream = yard.get("/shop/orders").stream().await;
    assert_eq!(stream.status, 200);
    assert!(stream.raw().await.contains("id: front:"));
    let order = yard.order("tea").await;
    let (id, event, row) = stream.next().await.unwrap();
    assert_eq!(
        (event.as_str(), row["id"].as_u64(), row["what"].as_str()),
        ("row", Some(order), Some("tea"))
    );
    assert!(id.starts_with("front:"));
    assert_eq!(row["_links"]["self"]["href"], format!("/shop/orders/{order}"));
    assert!(row["placed"].as_str().unwrap().ends_with("+09:00"));
    assert!(row.get("token").is_none());
}

#[tokio::test]
async fn a_row_tells_first_how_it_is_and_then_what_becomes_of_it() {
    let yard = Yard::open();
    let order = yard.packed("tea").await;
    let mut stream = yard.get(&format!("/orders/{order}")).stream().await;
    assert_eq!(stream.next().await.unwrap().2["status"], "PACKED");
    yard.order("another").await;
    assert_eq!(yard.put(&format!("/orders/{order}/ship")).send().await.status, 200);
    assert_eq!(stream.next().await.unwrap().2["status"], "SHIPPED");
    assert_eq!(stream.next().await.unwrap().2["status"], "DELIVERED");
    yard.get("/orders/99")
        .header("accept", "text/event-stream")
        .send()
        .await
        .is_problem(404, "not-found");
}

#[tokio::test]
async fn a_listener_who_comes_back_misses_nothing() {
    let yard = Yard::open();
    let mut stream = yard.get("/tracks").stream().await;
    let order = yard.packed("tea").await;
    let (id, _, row) = stream.next().await.unwrap();
    assert_eq!(row["id"], order);
    drop(stream);

    assert_eq!(yard.put(&format!("/orders/{order}/ship")).send().await.status, 200);
    yard.until(&format!("/tracks/{order}"), |row| row["status"] == "DELIVERED").await;
    let mut stream = yard.get("/tracks").header("last-event-id", &id).stream().await;
    let (id, event, row) = stream.next().await.unwrap();
    assert_eq!((event.as_str(), row["status"].as_str()), ("row", Some("DELIVERED")));

    // And goes on from there.
    let next = yard.order("milk").await;
    let (_, _, row) = stream.next().await.unwrap();
    assert_eq!(row["id"], next, "{id}");
}

#[tokio::test]
async fn whoever_comes_back_too_late_is_told_to_look_again() {
    let mut yard = Yard::open();
    yard.rest.changes_max = 3;
    yard.router = yard.rest.router();
    for _ in 0..4 {
        yard.order("tea").await;
    }
    let mut stream = yard.get("/orders").header("last-event-id", "front:0").stream().await;
    assert_eq!(stream.next().await.unwrap().1, "reset");
}

#[tokio::test]
async fn whoever_listens_slowly_misses_nothing() {
    let yard = Yard::open();
    let mut stream = yard.get("/orders").stream().await;
    let last = yard.order("first").await;
    assert_eq!(stream.next().await.unwrap().2["id"], last);
    // More than anybody keeps for a listener: it is looked up.
    for number in 0..1_100 {
        yard.order(&format!("{number}")).await;
    }
    let mut told = 1;
    while stream.next().await.unwrap().2["what"] != "1099" {
        told += 1;
    }
    assert_eq!(told, 1_100);
}

#[tokio::test]
async fn a_live_list_takes_no_filter() {
    let yard = Yard::open();
    let ask = yard.get("/orders?status=PLACED").header("accept", "text/event-stream");
    ask.send().await.breaks("status", "unknown");
}

#[tokio::test]
async fn a_stream_ends_with_the_process_and_with_its_context() {
    let mut yard = Yard::open();
    let edge = rest::edge::Edge::new(rest::edge::limits::Limits::default());
    yard.rest.drain = Some(edge.drain());
    yard.router = yard.rest.router();
    let mut ends = yard.get("/orders").stream().await;
    ends.raw().await;
    yard.lab("front", "down").await;
    assert!(ends.next().await.is_none());
    yard.lab("front", "up").await;

    let mut ends = yard.get("/orders").stream().await;
    let mut follows = yard.get("/ops/events").stream().await;
    ends.raw().await;
    follows.raw().await;
    assert_eq!(yard.get("/readyz").send().await.status, 200);
    drop(edge);
    assert!(ends.next().await.is_none());
    assert!(follows.next().await.is_none());
    assert_eq!(yard.get("/readyz").send().await.status, 503);
    assert_eq!(yard.get("/livez").send().await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn a_silent_stream_says_that_it_is_there() {
    let yard = Yard::open();
    let mut stream = yard.get("/orders").stream().await;
    let before = stream.raw().await.len();
    let body = stream.patient().await;
    assert!(body[before..].starts_with(":\n\n"), "{body}");
}
