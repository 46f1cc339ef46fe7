use axum::http::Method;
use serde_json::{Value, json};
use test_kit::world;

use crate::{app, assert_sound, order, placed};

fn content(version: i64, milk: i64) -> Value {
    json!({"version": version, "items": [{"productId": world::MILK, "quantity": milk, "unit": "retail"}], "reason": "khách đổi"})
}

#[tokio::test]
async fn an_edit_prices_a_clean_cart_and_the_history_keeps_what_was() {
    let t = app().await;
    let id = placed(&t, order()).await;
    let path = format!("/api/v1/orders/{id}");
    let edited = t.rep1().put(&path, content(1, 24)).await.expect(200);
    // 24 pieces and 2 free ones; the soap and the one free piece of before are gone.
    let items: Vec<_> = edited["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| {
            (
                i["productCode"].as_str().unwrap(),
                i["quantity"].as_i64().unwrap(),
                i["isFree"].as_bool().unwrap(),
            )
        })
        .collect();
    assert_eq!(items, [("SP001", 24, false), ("SP001", 2, true)]);
    assert_eq!((&edited["totalAmount"], &edited["version"]), (&json!(259_200), &json!(2)));
    assert_eq!((&edited["status"], &edited["orderNumber"]), (&json!("Pending"), &json!("DH-20260806-0001")));
    let event = &edited["history"][1];
    assert_eq!(
        (&event["fromStatus"], &event["toStatus"], &event["note"]),
        (&json!("Pending"), &json!("Pending"), &json!("khách đổi"))
    );
    assert_eq!(event["detail"]["before"]["totalAmount"], 327_600);
    assert_eq!(event["detail"]["before"]["items"].as_array().unwrap().len(), 3);
    let audited: i64 =
        sqlx::query_scalar("select count(*) from audit_log where action = 'orders.edit' and entity_id = $1")
            .bind(id.parse::<uuid::Uuid>().unwrap())
            .fetch_one(&mut t.database.owner().await)
            .await
            .unwrap();
    assert_eq!(audited, 1);
    assert_sound(&t).await;
}

#[tokio::test]
async fn a_rep_edits_their_own_orders_the_office_any_and_nobody_a_decided_one() {
    let t = app().await;
    let id = placed(&t, order()).await;
    let path = format!("/api/v1/orders/{id}");
    t.supervisor().put(&path, content(1, 1)).await.problem(403, "orders.not_yours");
    t.area_manager().put(&path, content(1, 1)).await.problem(403, "forbidden");
    t.rep2().put(&path, content(1, 1)).await.problem(404, "not_found");
    t.npp02().put(&path, content(1, 1)).await.problem(404, "not_found");
    t.npp01().put(&path, content(1, 2)).await.expect(200);
    t.rep1().put(&path, content(1, 3)).await.problem(412, "stale_version");
    let body = content(0, 3);
    t.rep1().request(Method::PUT, &path, Some(body), &[("if-match", "\"2\"")]).await.expect(200);
    let mut without = content(3, 1);
    without.as_object_mut().unwrap().remove("version");
    t.rep1().put(&path, without).await.problem(400, "validation");
    t.rep1().put(&path, content(3, 0)).await.problem(400, "validation");
    t.supervisor().post(&format!("{path}/approve"), json!({})).await.expect(200);
    t.rep1().put(&path, content(4, 1)).await.problem(409, "orders.wrong_state");
}

#[tokio::test]
async fn an_edit_and_an_approval_at_the_same_moment_do_not_mix() {
    let t = app().await;
    for _ in 0..4 {
        let id = placed(&t, order()).await;
        let path = format!("/api/v1/orders/{id}");
        let approve = format!("{path}/approve");
        let (rep, office) = (t.rep1(), t.npp01());
        let (edited, approved) =
            tokio::join!(rep.put(&path, content(1, 24)), office.post(&approve, json!({})));
        assert_eq!(approved.status.as_u16(), 200);
        assert!([200, 412].contains(&edited.status.as_u16()), "{}", edited.status);
        assert_sound(&t).await;
        t.npp01().post(&format!("{path}/cancel"), json!({"reason": "x"})).await.expect(200);
    }
}

#[tokio::test]
async fn a_draft_tells_nobody_until_it_is_submitted_and_then_is_priced_anew() {
    let t = app().await;
    let mut body = order();
    body["draft"] = json!(true);
    let id = placed(&t, body).await;
    let path = format!("/api/v1/orders/{id}");
    let events = async || {
        sqlx::query_scalar::<_, String>("select kind from outbox order by seq")
            .fetch_all(&mut t.database.owner().await)
            .await
            .unwrap()
    };
    assert_eq!(events().await, Vec::<String>::new());
    t.supervisor().post(&format!("{path}/approve"), json!({})).await.problem(409, "orders.wrong_state");
    sqlx::query("update products set selling_price_sub = 11000 where id = $1")
        .bind(world::MILK.uuid())
        .execute(&mut t.database.owner().await)
        .await
        .unwrap();
    t.rep2().post(&format!("{path}/submit"), json!({})).await.problem(404, "not_found");
    let sent = t.rep1().post(&format!("{path}/submit"), json!({})).await.expect(200);
    assert_eq!((&sent["status"], &sent["totalAmount"]), (&json!("Pending"), &json!(340_560)));
    assert_eq!((&sent["needsReview"], &sent["clientTotals"]["totalAmount"]), (&json!(true), &json!(327_600)));
    assert_eq!(events().await, ["OrderStatusChanged", "OrderCreated"]);
    t.rep1().post(&format!("{path}/submit"), json!({})).await.problem(409, "orders.wrong_state");
    assert_sound(&t).await;
}

#[tokio::test]
async fn a_rep_withdraws_their_own_order_until_it_is_decided_upon() {
    let t = app().await;
    let reason = || json!({"reason": "khách báo hủy"});
    let own = placed(&t, order()).await;
    t.rep2().post(&format!("/api/v1/orders/{own}/cancel"), reason()).await.problem(404, "not_found");
    t.rep1().post(&format!("/api/v1/orders/{own}/cancel"), reason()).await.expect(200);
    let decided = placed(&t, order()).await;
    t.supervisor().post(&format!("/api/v1/orders/{decided}/approve"), json!({})).await.expect(200);
    t.rep1()
        .post(&format!("/api/v1/orders/{decided}/cancel"), reason())
        .await
        .problem(403, "orders.not_yours");
    t.npp02().post(&format!("/api/v1/orders/{decided}/cancel"), reason()).await.problem(404, "not_found");
    t.supervisor().post(&format!("/api/v1/orders/{decided}/cancel"), reason()).await.expect(200);
    t.supervisor()
        .post(&format!("/api/v1/orders/{decided}/cancel"), reason())
        .await
        .problem(409, "orders.wrong_state");
    assert_sound(&t).await;
}
