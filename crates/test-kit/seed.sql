-- The company of world.rs. Ids are small numbers.
create function pg_temp.u(n int) returns uuid language sql immutable as $$ select lpad(to_hex(n), 32, '0')::uuid $$;

insert into distributors (id, code, name, search_key, created_at, updated_at) values
  (pg_temp.u(x'1001'::int), 'NPP01', 'NPP Thành Công', 'npp thanh cong', '2026-01-01', '2026-01-01'),
  (pg_temp.u(x'1002'::int), 'NPP02', 'NPP Đại Phát', 'npp dai phat', '2026-01-01', '2026-01-01');

insert into org_units (id, parent_id, index_path, ancestors, code, name, search_key, kind, distributor_id, is_supervisor, is_sales_group, created_at, updated_at) values
  (pg_temp.u(x'2001'::int), null, '1', array[pg_temp.u(x'2001'::int)], 'CTY', 'Công ty', 'cong ty', 'company', null, false, false, '2026-01-01', '2026-01-01'),
  (pg_temp.u(x'2002'::int), pg_temp.u(x'2001'::int), '1.1', array[pg_temp.u(x'2001'::int), pg_temp.u(x'2002'::int)], 'MN', 'Miền Nam', 'mien nam', 'region', null, false, false, '2026-01-01', '2026-01-01'),
  (pg_temp.u(x'2003'::int), pg_temp.u(x'2002'::int), '1.1.1', array[pg_temp.u(x'2001'::int), pg_temp.u(x'2002'::int), pg_temp.u(x'2003'::int)], 'KV1', 'Khu vực 1', 'khu vuc 1', 'area', null, false, false, '2026-01-01', '2026-01-01'),
  (pg_temp.u(x'2011'::int), pg_temp.u(x'2003'::int), '1.1.1.1', array[pg_temp.u(x'2001'::int), pg_temp.u(x'2002'::int), pg_temp.u(x'2003'::int), pg_temp.u(x'2011'::int)], 'NPP01', 'NPP Thành Công', 'npp thanh cong', 'distributor', pg_temp.u(x'1001'::int), false, false, '2026-01-01', '2026-01-01'),
  (pg_temp.u(x'2012'::int), pg_temp.u(x'2011'::int), '1.1.1.1.1', array[pg_temp.u(x'2001'::int), pg_temp.u(x'2002'::int), pg_temp.u(x'2003'::int), pg_temp.u(x'2011'::int), pg_temp.u(x'2012'::int)], 'NPP01', 'Tổ 1', 'to 1', 'team', pg_temp.u(x'1001'::int), true, true, '2026-01-01', '2026-01-01'),
  (pg_temp.u(x'2021'::int), pg_temp.u(x'2003'::int), '1.1.1.2', array[pg_temp.u(x'2001'::int), pg_temp.u(x'2002'::int), pg_temp.u(x'2003'::int), pg_temp.u(x'2021'::int)], 'NPP02', 'NPP Đại Phát', 'npp dai phat', 'distributor', pg_temp.u(x'1002'::int), false, false, '2026-01-01', '2026-01-01'),
  (pg_temp.u(x'2022'::int), pg_temp.u(x'2021'::int), '1.1.1.2.1', array[pg_temp.u(x'2001'::int), pg_temp.u(x'2002'::int), pg_temp.u(x'2003'::int), pg_temp.u(x'2021'::int), pg_temp.u(x'2022'::int)], 'NPP02', 'Tổ 2', 'to 2', 'team', pg_temp.u(x'1002'::int), true, true, '2026-01-01', '2026-01-01');

insert into users (id, username, full_name, search_key, role, distributor_id, created_at, updated_at) values
  (pg_temp.u(x'3001'::int), 'admin', 'Quản trị công ty', 'quan tri cong ty', 'company_admin', null, '2026-01-01', '2026-01-01'),
  (pg_temp.u(x'3002'::int), 'npp01', 'Admin NPP 1', 'admin npp 1', 'distributor_admin', pg_temp.u(x'1001'::int), '2026-01-01', '2026-01-01'),
  (pg_temp.u(x'3003'::int), 'npp02', 'Admin NPP 2', 'admin npp 2', 'distributor_admin', pg_temp.u(x'1002'::int), '2026-01-01', '2026-01-01'),
  (pg_temp.u(x'3004'::int), 'gsbh01', 'Giám sát 1', 'giam sat 1', 'supervisor', pg_temp.u(x'1001'::int), '2026-01-01', '2026-01-01'),
  (pg_temp.u(x'3005'::int), 'asm01', 'Quản lý khu vực', 'quan ly khu vuc', 'area_manager', null, '2026-01-01', '2026-01-01'),
  (pg_temp.u(x'3011'::int), 'nvbh01', 'Nhân viên 1', 'nhan vien 1', 'sales_rep', pg_temp.u(x'1001'::int), '2026-01-01', '2026-01-01'),
  (pg_temp.u(x'3012'::int), 'nvbh02', 'Nhân viên 2', 'nhan vien 2', 'sales_rep', pg_temp.u(x'1001'::int), '2026-01-01', '2026-01-01'),
  (pg_temp.u(x'3021'::int), 'nvbh11', 'Nhân viên 11', 'nhan vien 11', 'sales_rep', pg_temp.u(x'1002'::int), '2026-01-01', '2026-01-01');
insert into user_units (user_id, unit_id, is_primary) values
  (pg_temp.u(x'3001'::int), pg_temp.u(x'2001'::int), true),
  (pg_temp.u(x'3002'::int), pg_temp.u(x'2011'::int), true),
  (pg_temp.u(x'3003'::int), pg_temp.u(x'2021'::int), true),
  (pg_temp.u(x'3004'::int), pg_temp.u(x'2012'::int), true),
  (pg_temp.u(x'3005'::int), pg_temp.u(x'2003'::int), true),
  (pg_temp.u(x'3011'::int), pg_temp.u(x'2012'::int), true),
  (pg_temp.u(x'3012'::int), pg_temp.u(x'2012'::int), true),
  (pg_temp.u(x'3021'::int), pg_temp.u(x'2022'::int), true);

insert into products (id, code, name, search_key, unit_name, sub_unit_name, conversion_rate, purchase_price, purchase_price_sub, selling_price, selling_price_sub, vat_percent, display_order, created_at, updated_at) values
  (pg_temp.u(x'4001'::int), 'SP001', 'Sữa tươi', 'sua tuoi sp001', 'Thùng', 'Hộp', 24, 192000, 8000, 240000, 10000, 8, 1, '2026-01-01', '2026-01-01'),
  (pg_temp.u(x'4002'::int), 'SP002', 'Xà phòng', 'xa phong sp002', 'Thùng', 'Bánh', 12, 144000, 12000, 180000, 15000, 10, 2, '2026-01-01', '2026-01-01'),
  (pg_temp.u(x'4003'::int), 'SP003', 'Nước suối', 'nuoc suoi sp003', 'Thùng', 'Chai', 24, 60000, 2500, 72000, 3000, 0, 3, '2026-01-01', '2026-01-01');

insert into warehouses (distributor_id, id, code, name, kind, created_at) values
  (pg_temp.u(x'1001'::int), pg_temp.u(x'5001'::int), 'KHO01', 'Kho chính', 'main', '2026-01-01'),
  (pg_temp.u(x'1002'::int), pg_temp.u(x'5002'::int), 'KHO01', 'Kho chính', 'main', '2026-01-01');
insert into lots (distributor_id, id, product_id, lot_number, expiry, received_at) values
  (pg_temp.u(x'1001'::int), pg_temp.u(x'6001'::int), pg_temp.u(x'4001'::int), 'A', '2026-10-31', '2026-07-01'),
  (pg_temp.u(x'1001'::int), pg_temp.u(x'6002'::int), pg_temp.u(x'4001'::int), 'B', '2027-03-31', '2026-06-01'),
  (pg_temp.u(x'1001'::int), pg_temp.u(x'6003'::int), pg_temp.u(x'4002'::int), 'S', null, '2026-06-01'),
  (pg_temp.u(x'1002'::int), pg_temp.u(x'6004'::int), pg_temp.u(x'4001'::int), 'A', '2026-10-31', '2026-07-01');
insert into stock_movements (distributor_id, id, warehouse_id, product_id, lot_id, business_date, posted_at, quantity, typed_quantity, typed_unit, selling_value, cost_value, reason, document_id, document_number, actor_id) values
  (pg_temp.u(x'1001'::int), pg_temp.u(x'9001'::int), pg_temp.u(x'5001'::int), pg_temp.u(x'4001'::int), pg_temp.u(x'6001'::int), '2026-07-01', '2026-07-01', 100, 100, 'retail', 1000000, 800000, 'opening', pg_temp.u(x'9100'::int), 'PN-20260701-0001', pg_temp.u(x'3001'::int)),
  (pg_temp.u(x'1001'::int), pg_temp.u(x'9002'::int), pg_temp.u(x'5001'::int), pg_temp.u(x'4001'::int), pg_temp.u(x'6002'::int), '2026-07-01', '2026-07-01', 500, 500, 'retail', 5000000, 4000000, 'opening', pg_temp.u(x'9100'::int), 'PN-20260701-0001', pg_temp.u(x'3001'::int)),
  (pg_temp.u(x'1001'::int), pg_temp.u(x'9003'::int), pg_temp.u(x'5001'::int), pg_temp.u(x'4002'::int), pg_temp.u(x'6003'::int), '2026-07-01', '2026-07-01', 240, 20, 'whole', 3600000, 2880000, 'opening', pg_temp.u(x'9100'::int), 'PN-20260701-0001', pg_temp.u(x'3001'::int)),
  (pg_temp.u(x'1002'::int), pg_temp.u(x'9004'::int), pg_temp.u(x'5002'::int), pg_temp.u(x'4001'::int), pg_temp.u(x'6004'::int), '2026-07-01', '2026-07-01', 100, 100, 'retail', 1000000, 800000, 'opening', pg_temp.u(x'9101'::int), 'PN-20260701-0001', pg_temp.u(x'3001'::int));
insert into stock_items (distributor_id, warehouse_id, product_id, on_hand) values
  (pg_temp.u(x'1001'::int), pg_temp.u(x'5001'::int), pg_temp.u(x'4001'::int), 600),
  (pg_temp.u(x'1001'::int), pg_temp.u(x'5001'::int), pg_temp.u(x'4002'::int), 240),
  (pg_temp.u(x'1002'::int), pg_temp.u(x'5002'::int), pg_temp.u(x'4001'::int), 100);
insert into stock_lots (distributor_id, warehouse_id, product_id, lot_id, on_hand) values
  (pg_temp.u(x'1001'::int), pg_temp.u(x'5001'::int), pg_temp.u(x'4001'::int), pg_temp.u(x'6001'::int), 100),
  (pg_temp.u(x'1001'::int), pg_temp.u(x'5001'::int), pg_temp.u(x'4001'::int), pg_temp.u(x'6002'::int), 500),
  (pg_temp.u(x'1001'::int), pg_temp.u(x'5001'::int), pg_temp.u(x'4002'::int), pg_temp.u(x'6003'::int), 240),
  (pg_temp.u(x'1002'::int), pg_temp.u(x'5002'::int), pg_temp.u(x'4001'::int), pg_temp.u(x'6004'::int), 100);

insert into customers (distributor_id, id, code, name, search_key, phone, customer_group, customer_type, address, latitude, longitude, credit_limit, payment_term_days, status, created_at, updated_at) values
  (pg_temp.u(x'1001'::int), pg_temp.u(x'7001'::int), 'KH001', 'Tạp hóa Cô Ba', 'tap hoa co ba kh001', '0901000001', 'A', 'Tạp hóa', '1 Lê Lợi', 10.7769, 106.7009, 5000000, 30, 'active', '2026-01-01', '2026-01-01'),
  (pg_temp.u(x'1001'::int), pg_temp.u(x'7002'::int), 'KH002', 'Tạp hóa Đồng Tâm', 'tap hoa dong tam kh002', '0901000002', 'B', 'Tạp hóa', '2 Lê Lợi', 10.78, 106.7, null, 0, 'active', '2026-01-01', '2026-01-01'),
  (pg_temp.u(x'1001'::int), pg_temp.u(x'7003'::int), 'KH003', 'Quán mới', 'quan moi kh003', '', '', 'Tạp hóa', '', 10.77, 106.69, null, 0, 'pending', '2026-01-01', '2026-01-01'),
  (pg_temp.u(x'1001'::int), pg_temp.u(x'7004'::int), 'KH004', 'Hiệu thuốc An Khang', 'hieu thuoc an khang kh004', '', 'C', 'Hiệu thuốc', '4 Lê Lợi', null, null, null, 0, 'active', '2026-01-01', '2026-01-01'),
  (pg_temp.u(x'1002'::int), pg_temp.u(x'7021'::int), 'KH001', 'Siêu thị mini Phát', 'sieu thi mini phat kh001', '', 'A', 'Siêu thị mini', '21 Hai Bà Trưng', 10.79, 106.71, null, 15, 'active', '2026-01-01', '2026-01-01');

insert into routes (distributor_id, id, code, name, unit_id, weekdays, start_date, created_at, updated_at) values
  (pg_temp.u(x'1001'::int), pg_temp.u(x'8001'::int), 'T01', 'Tuyến 1', pg_temp.u(x'2012'::int), '{1,2,3,4,5,6,7}', '2026-01-05', '2026-01-01', '2026-01-01'),
  (pg_temp.u(x'1002'::int), pg_temp.u(x'8002'::int), 'T01', 'Tuyến 1', pg_temp.u(x'2022'::int), '{1,2,3,4,5,6,7}', '2026-01-05', '2026-01-01', '2026-01-01');
insert into route_assignments (distributor_id, id, route_id, user_id, valid_from) values
  (pg_temp.u(x'1001'::int), pg_temp.u(x'8101'::int), pg_temp.u(x'8001'::int), pg_temp.u(x'3011'::int), '2026-01-05'),
  (pg_temp.u(x'1002'::int), pg_temp.u(x'8102'::int), pg_temp.u(x'8002'::int), pg_temp.u(x'3021'::int), '2026-01-05');
insert into route_customers (distributor_id, route_id, customer_id, sequence, frequency) values
  (pg_temp.u(x'1001'::int), pg_temp.u(x'8001'::int), pg_temp.u(x'7001'::int), 1, 'F4'),
  (pg_temp.u(x'1001'::int), pg_temp.u(x'8001'::int), pg_temp.u(x'7002'::int), 2, 'F4'),
  (pg_temp.u(x'1001'::int), pg_temp.u(x'8001'::int), pg_temp.u(x'7004'::int), 3, 'F4'),
  (pg_temp.u(x'1002'::int), pg_temp.u(x'8002'::int), pg_temp.u(x'7021'::int), 1, 'F4');
