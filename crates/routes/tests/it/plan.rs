//! Plans of any day: phases, chosen weekdays, the rule that counts weeks.

use serde_json::{Value, json};
use test_kit::TestApp;
use test_kit::world::{NPP01, NPP02, REP1, REP2, REP11, ROUTE1, SHOP_NO_GPS, SHOP1, SHOP2};

use crate::support::{app, codes, count, findings, plan, put_customers, sql};

#[tokio::test]
async fn phases_and_chosen_weekdays_decide_when_an_outlet_is_due() {
    let t = app().await;
    // 2026-08-03 is a Monday and begins week 3 of the route.
    put_customers(
        &t,
        json!([
            { "customerId": SHOP1, "frequency": "F1.3", "weekdays": [4] },
            { "customerId": SHOP2, "frequency": "F2.2" },
            { "customerId": SHOP_NO_GPS, "frequency": "F8" },
        ]),
    )
    .await;
    for (date, due) in [
        ("2026-08-03", vec!["KH004"]),
        ("2026-08-05", vec![]),
        ("2026-08-06", vec!["KH001", "KH004"]),
        ("2026-08-13", vec!["KH002", "KH004"]),
        ("2026-09-03", vec!["KH001", "KH004"]),
    ] {
        let plan = plan(&t, REP1, date).await;
        assert_eq!(codes(&plan), due, "{date}");
        assert_eq!(plan["routes"][0]["routeCode"], "T01");
    }
    assert_eq!(plan(&t, REP1, "2026-08-06").await["routes"][0]["week"], 3);
    let shown = t.rep1().get(&format!("/api/v1/routes/{ROUTE1}/customers")).await.expect(200);
    let stops: Vec<_> =
        shown["data"].as_array().unwrap().iter().map(|s| (&s["frequency"], &s["weekdays"])).collect();
    assert_eq!(
        stops,
        [(&json!("F1.3"), &json!([4])), (&json!("F2.2"), &Value::Null), (&json!("F8"), &Value::Null)]
    );
    assert_eq!(findings(&t).await, Vec::<String>::new());
}

#[tokio::test]
async fn chosen_weekdays_are_the_route_s_and_as_many_as_the_visits_of_a_week() {
    let t = app().await;
    let path = format!("/api/v1/routes/{ROUTE1}/customers");
    let put = async |frequency: Value, weekdays: Value| {
        let body =
            json!({ "customers": [{ "customerId": SHOP1, "frequency": frequency, "weekdays": weekdays }] });
        t.supervisor().put(&path, body).await
    };
    for (frequency, weekdays) in
        [("F8", json!([1])), ("F12", json!([1, 2])), ("F2", json!([1, 2])), ("F4", json!([]))]
    {
        let problem = put(json!(frequency), weekdays).await.problem(400, "validation");
        assert!(problem["errors"].get("customers[0].weekdays").is_some(), "{problem}");
    }
    put(json!("F4"), json!([8])).await.problem(400, "validation");
    put(json!("F8"), json!([1, 5])).await.expect(200);
    // The route may not lose a day that an outlet has chosen.
    let mut route = json!({
        "version": 2, "routeCode": "T01", "name": "Tuyến 1", "weekdays": [1, 2, 3], "startDate": "2026-01-05",
        "status": "active",
    });
    let path = format!("/api/v1/routes/{ROUTE1}");
    let problem = t.supervisor().put(&path, route.clone()).await.problem(422, "routes.days_in_use");
    assert_eq!(problem["customerCodes"], json!(["KH001"]));
    route["weekdays"] = json!([1, 5]);
    t.supervisor().put(&path, route).await.expect(200);
}

#[tokio::test]
async fn weeks_are_counted_from_the_start_or_by_the_calendar_month() {
    let t = app().await;
    put_customers(
        &t,
        json!([
            { "customerId": SHOP1, "frequency": "F1" },
            { "customerId": SHOP2, "frequency": "F1.4" },
            { "customerId": SHOP_NO_GPS },
        ]),
    )
    .await;
    let policy = "/api/v1/policies/routes";
    let of_first = format!("{policy}?distributorId={NPP01}");
    let set = json!({ "weekRule": "calendar_month", "holidayRule": "skip", "version": 0 });
    for other in [t.rep1(), t.supervisor(), t.npp01()] {
        other.put(policy, set.clone()).await.problem(403, "forbidden");
    }
    assert_eq!(t.supervisor().get(policy).await.expect(200)["weekRule"], "route_start");
    // Counted from the start: 6 August is in week 3.
    assert_eq!(codes(&plan(&t, REP1, "2026-08-06").await), ["KH004"]);
    let after = t.area_manager().put(&of_first, set.clone()).await.expect(200);
    assert_eq!(
        (&after["weekRule"], &after["version"], &after["distributorId"]),
        (&json!("calendar_month"), &json!(1), &json!(NPP01))
    );
    assert_eq!(after["workingDays"], json!([1, 2, 3, 4, 5, 6]));
    // By the month: days 1 to 7 are week 1, 22 to 28 week 4, and the last three belong to no phase.
    assert_eq!(codes(&plan(&t, REP1, "2026-08-06").await), ["KH001", "KH004"]);
    assert_eq!(codes(&plan(&t, REP1, "2026-08-28").await), ["KH002", "KH004"]);
    let fifth = plan(&t, REP1, "2026-08-31").await;
    assert_eq!((codes(&fifth), &fifth["routes"][0]["week"]), (vec!["KH004"], &json!(5)));
    // Others keep the company's rule, until the company changes that.
    assert_eq!(plan(&t, REP11, "2026-08-06").await["routes"][0]["week"], 3);
    t.area_manager().put(&of_first, set.clone()).await.problem(412, "stale_version");
    t.area_manager().put(policy, set.clone()).await.problem(400, "distributor_required");
    let company = json!({ "weekRule": "calendar_month", "holidayRule": "next_working_day", "workingDays": [1, 2], "version": 1 });
    t.admin().put(policy, company).await.expect(200);
    assert_eq!(plan(&t, REP11, "2026-08-06").await["routes"][0]["week"], 1);
    assert_eq!(t.npp02().get(policy).await.expect(200)["workingDays"], json!([1, 2]));
    t.npp02().get(&of_first).await.problem(404, "not_found");
    t.admin()
        .put(
            &format!("{policy}?distributorId={NPP02}"),
            json!({ "weekRule": "x", "holidayRule": "skip", "version": 0 }),
        )
        .await
        .problem(400, "validation");
    let none = json!({ "weekRule": "route_start", "holidayRule": "skip", "workingDays": [], "version": 2 });
    t.admin().put(policy, none).await.problem(400, "validation");
    assert_eq!(count(&t, "select count(*) from audit_log where action = 'routes.policy'").await, 2);
}

#[tokio::test]
async fn days_that_are_over_stay_as_they_were() {
    let t = app().await;
    let path = format!("/api/v1/routes/{ROUTE1}/assignment");
    let yesterday = json!({ "repId": REP2, "validFrom": "2026-08-05" });
    t.supervisor().put(&path, yesterday).await.problem(422, "routes.past");
    let today = json!({ "repId": REP2, "note": "Khóa tủ trưng bày ở KH001" });
    let after = t.supervisor().put(&path, today).await.expect(200);
    assert_eq!(after["data"][0]["validFrom"], "2026-08-06");
    assert_eq!(
        (&after["data"][0]["note"], &after["data"][0]["assignedBy"]),
        (&json!("Khóa tủ trưng bày ở KH001"), &json!("Giám sát 1"))
    );
    assert_eq!(codes(&plan(&t, REP1, "2026-08-05").await).len(), 3);
    assert_eq!(codes(&plan(&t, REP1, "2026-08-06").await).len(), 0);
    assert_eq!(codes(&plan(&t, REP2, "2026-08-06").await).len(), 3);
    // Not even the database lets what has ended be changed, or two have a route on one day.
    use sqlx::Executor as _;
    let mut owner = t.database.owner().await;
    for statement in [
        "update route_assignments set valid_to = '2026-12-31' where valid_to is not null",
        "delete from route_assignments where valid_to is not null",
        "update route_assignments set user_id = '00000000-0000-0000-0000-000000003011' where valid_to is null",
        "insert into route_assignments (distributor_id, id, route_id, user_id, valid_from, valid_to)
         select distributor_id, gen_random_uuid(), route_id, user_id, '2026-02-01', '2026-02-02' from route_assignments",
    ] {
        assert!(owner.execute(statement).await.is_err(), "{statement}");
    }
    sql(&t, "select 1").await;
    assert_eq!(findings(&t).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_plan_is_shown_to_those_who_lead_the_rep_only() {
    let t = app().await;
    let path = format!("/api/v1/routes/plan?userId={REP1}&date=2026-08-06");
    for leader in [t.supervisor(), t.area_manager(), t.npp01(), t.admin(), t.rep1()] {
        let plan = leader.get(&path).await.expect(200);
        assert_eq!((codes(&plan).len(), &plan["fullName"]), (3, &json!("Nhân viên 1")));
    }
    for other in [t.rep2(), t.rep11(), t.npp02()] {
        other.get(&path).await.problem(404, "not_found");
    }
    t.anonymous().get(&path).await.problem(401, "unauthorized");
    t.rep1().get("/api/v1/routes/plan?date=x").await.problem(400, "validation");
}

#[tokio::test]
async fn the_candidates_of_another_statement_tell_the_route_too() {
    let t = app().await;
    let mut tx = t.app.db.lookup(&t.context("nvbh01")).await.unwrap();
    let day = test_kit::world::today();
    assert_eq!(routes::plan::route_of(&mut tx, REP1, day, SHOP1).await.unwrap(), Some(ROUTE1));
    assert_eq!(routes::plan::route_of(&mut tx, REP2, day, SHOP1).await.unwrap(), None);
    let version = routes::plan_cache::PlanVersion { distributor: Some(uuid::Uuid::now_v7()), company: None };
    assert!(routes::plan_cache::kept(REP1, NPP01, day, version).is_none());
    let reckoned = routes::plan_cache::reckon(&mut tx, REP1, NPP01, day, version).await.unwrap();
    assert_eq!(reckoned.route_of(SHOP1), Some(ROUTE1));
    assert!(routes::plan_cache::kept(REP1, NPP01, day, version).is_some());
    let later = routes::plan_cache::PlanVersion { company: Some(uuid::Uuid::now_v7()), ..version };
    assert!(routes::plan_cache::kept(REP1, NPP01, day, later).is_none());
    let plan = routes::plan::plan_for(&mut tx, NPP01, REP1, day).await.unwrap();
    assert_eq!(plan.stops().count(), 3);
    assert_eq!(routes::plan::plan_for(&mut tx, NPP02, REP1, day).await.unwrap().stops().count(), 0);
}

#[tokio::test]
async fn a_shorter_way_is_suggested_and_nothing_changes() {
    let t = app().await;
    sql(
        &t,
        format!(
            "update customers set latitude = 10.9, longitude = 106.7 where id = '{SHOP2}';
             insert into customers (distributor_id, id, code, name, search_key, latitude, longitude, status, created_at, updated_at)
             values ('{NPP01}', '00000000-0000-0000-0000-00000000700a', 'KH010', 'Gần', 'gan', 10.777, 106.701, 'active', now(), now());
             insert into route_customers (distributor_id, route_id, customer_id, sequence)
             values ('{NPP01}', '{ROUTE1}', '00000000-0000-0000-0000-00000000700a', 4)"
        ),
    )
    .await;
    let path = format!("/api/v1/routes/{ROUTE1}/suggested-order");
    let suggestion = t.supervisor().get(&path).await.expect(200);
    let order: Vec<_> =
        suggestion["data"].as_array().unwrap().iter().map(|s| s["customerCode"].as_str().unwrap()).collect();
    assert_eq!(order, ["KH001", "KH010", "KH002", "KH004"]);
    assert!(suggestion["suggestedMetres"].as_u64() < suggestion["presentMetres"].as_u64());
    assert_eq!(suggestion["data"][3]["withoutLocation"], true);
    let from_north = t.rep1().get(&format!("{path}?latitude=11&longitude=106.7")).await.expect(200);
    assert_eq!(from_north["data"][0]["customerCode"], "KH002");
    t.rep1().get(&format!("{path}?latitude=11")).await.problem(400, "validation");
    t.rep2().get(&path).await.problem(404, "not_found");
    assert_eq!(codes(&plan(&t, REP1, "2026-08-06").await), ["KH001", "KH002", "KH004", "KH010"]);
}

#[tokio::test]
async fn whatever_plans_are_made_of_renews_their_version() {
    let t = app().await;
    let version = async |t: &TestApp| -> String {
        sqlx::query_scalar("select string_agg(concat(distributor_id, version), ',' order by distributor_id) from plan_versions")
            .fetch_one(&mut t.database.owner().await)
            .await
            .unwrap()
    };
    let leave = format!(
        "insert into leaves (distributor_id, id, user_id, first_day, last_day, kind, status, requested_by, requested_at)
         values ('{NPP01}', gen_random_uuid(), '{REP1}', '2026-09-01', '2026-09-01', 'annual', 'requested', '{REP1}', now())"
    );
    let mut before = version(&t).await;
    for change in [
        "update routes set start_date = start_date - 7",
        "update route_customers set frequency = 'F8'",
        "delete from route_customers where sequence > 1",
        "update route_assignments set valid_to = '2026-12-31' where valid_to is null",
        leave.as_str(),
        "update leaves set status = 'cancelled'",
        "insert into holidays (id, day, name, created_at) values (gen_random_uuid(), '2026-09-02', 'Quốc khánh', now())",
        "delete from holidays",
        "update route_policies set week_rule = 'calendar_month'",
        "update distributors set province = province || ' mới'",
    ] {
        sql(&t, change).await;
        let after = version(&t).await;
        assert_ne!(after, before, "{change}");
        before = after;
    }
    // What has nothing to do with it leaves it alone.
    sql(&t, "update distributors set name = name || '!'; update customers set name = name || '!'").await;
    assert_eq!(version(&t).await, before);
}
