//! Lists as tables.

use serde_json::json;

use crate::yard::Yard;

#[tokio::test]
async fn a_table_opens_in_a_spreadsheet() {
    let yard = Yard::open();
    for what in ["=1+1", "차, 하나", "tea"] {
        yard.order(what).await;
    }
    let said = yard.get("/orders?sort=id,desc").header("accept", "text/csv").send().await;
    assert_eq!(said.status, 200);
    assert_eq!(said.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(said.header("content-disposition"), "attachment; filename=\"orders.csv\"");
    assert_eq!((said.header("row-limit"), said.header("row-total")), ("10000", "3"));
    let lines: Vec<_> = said.text().split("\r\n").collect();
    let expected = [
        "\u{feff}id,what,count,status,placed",
        "3,tea,1,PLACED,2025-11-20 14:30",
        "2,\"차, 하나\",1,PLACED,2025-11-20 14:30",
        "1,'=1+1,1,PLACED,2025-11-20 14:30",
        "",
    ];
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn a_table_has_all_that_pass_the_filter() {
    let yard = Yard::open();
    for _ in 0..25 {
        yard.order("tea").await;
    }
    assert_eq!(yard.post("/orders", &json!({ "what": "x", "count": 1 })).send().await.status, 201);
    let said = yard.get("/orders?what=tea&size=5").header("accept", "text/csv").send().await;
    assert_eq!((said.text().lines().count(), said.header("row-total")), (26, "25"));
    yard.get("/orders?colour=red")
        .header("accept", "text/csv")
        .send()
        .await
        .breaks("colour", "unknown");
}
