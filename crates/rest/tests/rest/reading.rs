//! Rows and lists.

use std::time::Duration;

use serde_json::{Value, json};

use crate::yard::Yard;

#[tokio::test]
async fn a_list_goes_on_where_its_last_page_ended() {
    let yard = Yard::open();
    for what in ["c", "a", "b", "a", "c"] {
        yard.order(what).await;
    }
    let list = yard.get("/shop/orders?size=2&sort=what,desc").send().await.json();
    assert_eq!(numbers(&list), [5, 1]);
    let page = json!({ "size": 2, "totalElements": 5, "totalPages": 3, "number": 0 });
    assert_eq!(list["page"], page);
    let href = |list: &Value, name: &str| list["_links"][name]["href"].as_str().map(str::to_owned);
    assert_eq!(href(&list, "self").unwrap(), "/shop/orders?size=2&sort=what%2Cdesc");
    assert_eq!(href(&list, "prev"), None);
    // What comes in between moves nobody.
    yard.order("z").await;
    let list = yard.get(&href(&list, "next").unwrap()).send().await.json();
    assert_eq!((numbers(&list), &list["page"]["number"]), (vec![3, 4], &json!(1)));
    let end = yard.get(&href(&list, "next").unwrap()).send().await.json();
    assert_eq!((numbers(&end), href(&end, "next")), (vec![2], None));
    let back = yard.get(&href(&end, "prev").unwrap()).send().await.json();
    assert_eq!(numbers(&back), [1, 3]);
    let first = yard.get(&href(&end, "first").unwrap()).send().await.json();
    assert_eq!(numbers(&first), [6, 5]);
}

#[tokio::test]
async fn a_cursor_belongs_to_its_list() {
    let yard = Yard::open();
    for what in ["a", "b", "c"] {
        yard.order(what).await;
    }
    let list = yard.get("/orders?size=1&sort=what").send().await.json();
    let next = list["_links"]["next"]["href"].as_str().unwrap();
    let cursor = next.split_once("after=").unwrap().1;
    yard.get(&format!("/orders?after={cursor}")).send().await.breaks("after", "cursor");
    yard.get(&format!("{next}&page=1")).send().await.breaks("after", "cursor");
    let changed = cursor.replacen('3', "4", 1);
    yard.get(&format!("/orders?sort=what&after={changed}")).send().await.breaks("after", "cursor");
    assert_eq!(yard.get(next).send().await.status, 200);
}

#[tokio::test]
async fn a_list_is_filtered_by_what_it_is_listed_by() {
    let yard = Yard::open();
    let tea = yard.packed("tea").await;
    yard.order("milk tea").await;
    let placed = yard.get("/orders/1").send().await.json()["placed"].clone();
    let placed = placed.as_str().unwrap().replace('+', "%2B");
    let cases = [
        ("what=milk+tea", vec![2]),
        ("what=milk%20tea", vec![2]),
        ("status=PACKED", vec![tea]),
        ("status=PACKED&what=tea", vec![tea]),
        ("status=PACKED&what=milk+tea", vec![]),
        ("count=1", vec![1, 2]),
        (&format!("placed={placed}"), vec![1]),
        ("page=1&size=1", vec![2]),
        ("page=7", vec![]),
        ("sort=id,desc", vec![2, 1]),
    ];
    for (query, expected) in cases {
        let list = yard.get(&format!("/orders?{query}")).send().await.json();
        assert_eq!(numbers(&list), expected, "{query}");
    }
}

#[tokio::test]
async fn a_row_is_found_by_other_fields() {
    let yard = Yard::open();
    yard.order("우유 tea").await;
    let searched = "/orders/search/findByWhat?what=%EC%9A%B0%EC%9C%A0+tea";
    for path in [searched, "/shop/orders/of/%EC%9A%B0%EC%9C%A0%20tea"] {
        let row = yard.get(path).send().await.json();
        assert_eq!(row["id"], 1);
    }
    yard.get("/orders/of/milk").send().await.is_problem(404, "not-found");
    yard.get("/orders/search/findByWhat?what=").send().await.is_problem(404, "not-found");
}

#[tokio::test]
async fn what_is_known_is_not_sent_again() {
    let yard = Yard::open();
    let order = yard.packed("tea").await;
    for path in ["/orders".to_owned(), format!("/orders/{order}"), "/".to_owned()] {
        let first = yard.get(&path).send().await;
        let tag = first.header("etag").to_owned();
        assert!(tag.starts_with('"') && tag.len() == 34, "{tag}");
        assert_eq!(first.header("cache-control"), "private, no-cache");
        for known in [tag.clone(), format!("\"x\", {tag}"), "*".to_owned(), format!("W/{tag}")] {
            let again = yard.get(&path).header("if-none-match", &known).send().await;
            assert_eq!((again.status, again.body.len()), (304, 0));
            assert_eq!(again.header("etag"), tag);
        }
        let other = yard.get(&path).header("if-none-match", "\"x\"").send().await;
        assert_eq!((other.status, &other.body), (200, &first.body));
    }
    let before = yard.get("/orders/1").send().await;
    assert_eq!(yard.put("/orders/1/ship").send().await.status, 200);
    let known = before.header("etag");
    assert_eq!(yard.get("/orders/1").header("if-none-match", known).send().await.status, 200);
}

#[tokio::test]
async fn whoever_has_written_reads_what_they_wrote() {
    let yard = Yard::open();
    for _ in 0..20 {
        let said = yard.post("/orders", &json!({ "what": "tea", "count": 1 })).send().await;
        let (id, token) = (said.json()["id"].clone(), said.header("freshness-token").to_owned());
        let ask = yard.get(&format!("/tracks/{id}"));
        let said = ask.header("freshness-token", &format!("{token}, shelf:0")).send().await;
        assert_eq!(said.status, 200);
        let position: u64 = token.split_once(':').unwrap().1.parse().unwrap();
        let seen = said.header("freshness").split_once(':').unwrap().1.parse::<u64>().unwrap();
        assert!(seen >= position, "{seen} {position}");
    }
}

#[tokio::test]
async fn a_view_that_does_not_catch_up_says_so() {
    let mut yard = Yard::open();
    yard.rest.catch_up = Duration::from_millis(50);
    yard.router = yard.rest.router();
    let said = yard.get("/tracks").header("freshness-token", "front:99").send().await;
    said.is_problem(503, "not-yet");
    assert_eq!(said.header("retry-after"), "1");
}

fn numbers(list: &Value) -> Vec<u64> {
    let rows = list["_embedded"]["orders"].as_array().unwrap();
    rows.iter().map(|row| row["id"].as_u64().unwrap()).collect()
}
