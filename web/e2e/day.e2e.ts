import { expect, test } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { api, atTheDesk, onThePhone, photo, picture, picturesOfFailure } from './people';

interface Stop {
  customerId: string;
  customerCode: string;
  name: string;
  latitude: number | null;
  longitude: number | null;
  visitState: string;
}

const PROMOTED = 'Suối Mây vị chanh';
const money = (dong: number) => new Intl.NumberFormat('vi-VN').format(dong);

test.describe.configure({ mode: 'serial' });

test.afterEach(async ({}, info) => {
  if (info.status !== info.expectedStatus) await picturesOfFailure();
});

test('the company loads its product file, and every bad row is named', async ({ browser, baseURL }) => {
  const admin = await atTheDesk(browser, baseURL!, 'admin');
  await admin.getByRole('link', { name: 'Nhập dữ liệu' }).click();
  await admin.getByRole('combobox', { name: 'Dữ liệu' }).click();
  await admin.getByRole('option', { name: 'Sản phẩm' }).click();

  const header = 'Số thứ tự,Nhãn hiệu,Mã sản phẩm,Tên sản phẩm,Ngành hàng,Nhãn Ngành hàng,Nhà cung cấp,ĐVT chẵn,ĐVT lẻ,Hệ số quy đổi,Cảnh báo tồn kho,Giá nhập,Giá nhập lẻ,Giá,Giá lẻ,VAT,Mô tả,Hình ảnh,Khóa,Cột lạ';
  const good = '1,Hoa Sen,E2E-001,"Bánh quy ""Hoa Sen"", hộp thiếc\n300g",BANH,Bánh kẹo,Nhà máy A,Thùng,Hộp,12,10,"1.200.000",100000,"1.440.000",120000,8,,,,';
  const bad = '2,Hoa Sen,E2E-002,Bánh gạo,BANH,Bánh kẹo,Nhà máy A,Thùng,Gói,không,10,1,1,1,1,8,,,,';
  const csv = (rows: string[]) => Buffer.from(`\uFEFF${[header, ...rows].join('\r\n')}\r\n`);
  const file = admin.locator('input[type=file]');

  await file.setInputFiles({ name: 'san-pham.csv', mimeType: 'text/csv', buffer: csv([good, bad]) });
  await admin.getByRole('button', { name: 'Kiểm tra' }).click();
  const errors = admin.getByRole('table', { name: 'Các lỗi của tệp' });
  await expect(errors.getByRole('row').nth(1)).toContainText('Hệ số quy đổi');
  await expect(errors.getByRole('row').nth(1)).toContainText('không');
  await picture(admin, '01-import-errors');

  await file.setInputFiles({ name: 'san-pham.csv', mimeType: 'text/csv', buffer: csv([good]) });
  await admin.getByRole('button', { name: 'Kiểm tra' }).click();
  await expect(admin.getByText('Tệp hợp lệ.')).toBeVisible();
  await admin.getByRole('button', { name: 'Nạp dữ liệu' }).click();
  await expect(admin.getByText('Đã nạp xong toàn bộ tệp.')).toBeVisible();
  await admin.getByRole('link', { name: 'Sản phẩm' }).click();
  await admin.getByRole('searchbox').fill('banh quy hoa sen');
  await expect(admin.getByText('E2E-001')).toBeVisible();
  await picture(admin, '02-products');
  await admin.context().close();
});

test("a rep's order goes from the shop to the sales report", async ({ browser, baseURL, request }) => {
  const asRep = await api(request, 'nvbh01');
  const route = await asRep<{ customers: Stop[] }>('/routes/today');
  // The board tells of others too: of "Tạp hóa Cô Ba Tâm", say, where "Tạp hóa Cô Ba" is looked for.
  const asSupervisor = await api(request, 'gsbh01');
  const mistakable = async (name: string) => {
    const found = await asSupervisor<{ data: { name: string }[] }>(`/customers?pageSize=100&search=${encodeURIComponent(name)}`);
    return found.data.filter((other) => other.name.includes(name)).length !== 1;
  };
  let stop: Stop | undefined;
  for (const outlet of route.customers) {
    if (outlet.latitude === null || outlet.visitState !== 'notVisited' || (await mistakable(outlet.name))) continue;
    stop = outlet;
    break;
  }
  expect(stop, 'an outlet on the route that is not visited yet, with a name of its own').toBeDefined();
  const shop = stop!;
  const place = { latitude: shop.latitude!, longitude: shop.longitude! };

  const supervisor = await atTheDesk(browser, baseURL!, 'gsbh01');
  const board = await atTheDesk(browser, baseURL!, 'gsbh01');
  await board.getByRole('link', { name: 'Hôm nay' }).click();
  await supervisor.getByRole('link', { name: 'Phiếu đặt hàng' }).click();

  const phone = await onThePhone(browser, baseURL!, 'nvbh01', place);
  await test.step('clocks in', async () => {
    await phone.getByRole('button', { name: 'Vào ca', exact: true }).click();
    await expect(phone.getByText(/Vào ca.*\d\d:\d\d/)).toBeVisible();
    await picture(phone, '03-today');
  });

  await test.step('checks in and takes a photo', async () => {
    await phone.locator(`[data-customer="${shop.customerCode}"]`).click();
    await phone.getByRole('button', { name: 'Bắt đầu ghé thăm' }).click();
    await phone.getByRole('dialog').getByRole('button', { name: 'Ghé thăm', exact: true }).click();
    await expect(phone.getByText('Trong tuyến')).toBeVisible();
    await phone.locator('input[type=file]').setInputFiles({ name: 'ke.jpg', mimeType: 'image/jpeg', buffer: await photo(phone) });
    await expect(phone.getByText('1 ảnh')).toBeVisible();
    await picture(phone, '04-visit');
  });

  await test.step('the supervisor sees the rep on the map', async () => {
    await expect(board.getByText(`vào ${shop.name}`)).toBeVisible();
    await expect(board.getByText(`Đang ở ${shop.name}`)).toBeVisible();
    await picture(board, '05-live-board');
  });

  const order = await test.step('orders three products in cases and pieces', async () => {
    await phone.getByRole('link', { name: 'Tạo đơn hàng' }).click();
    const search = phone.getByRole('searchbox');
    await search.fill('suoi may vi chanh');
    const promoted = phone.locator('fld-product-row', { hasText: PROMOTED });
    await promoted.locator('input').last().fill('11');
    await expect(promoted.getByText(/Mua thêm 1 .*tặng 1/)).toBeVisible();
    await picture(phone, '06-near-miss');
    await promoted.locator('input').last().fill('12');
    await search.fill('');
    const others = phone.locator('fld-product-row').filter({ hasNotText: PROMOTED }).filter({ hasNotText: 'E2E-001' });
    await others.nth(0).locator('input').first().fill('2');
    await others.nth(1).locator('input').last().fill('3');
    await phone.getByRole('link', { name: 'Xem đơn' }).click();
    await expect(phone.getByText('Hàng tặng')).toBeVisible();
    await expect(phone.getByText('VAT', { exact: true })).toBeVisible();
    await picture(phone, '07-review');
    await phone.getByRole('button', { name: 'Gửi đơn' }).click();
    await expect(phone.getByText(/DH-\d{8}-\d{4}/).first()).toBeVisible();
    const mine = await asRep<{ data: { orderNumber: string; totalAmount: number }[] }>(
      `/orders?customerId=${shop.customerId}&status=Pending&pageSize=1`,
    );
    expect(mine.data[0]).toBeDefined();
    return mine.data[0]!;
  });

  await test.step('the order appears on the supervisor’s screens without reloading', async () => {
    await expect(supervisor.getByText(order.orderNumber)).toBeVisible();
    await expect(board.getByText(`đặt hàng tại ${shop.name}`)).toBeVisible();
    await picture(board, '08-live-board-order');
    await board.getByRole('button', { name: /^Thông báo: [1-9]\d* chưa đọc/ }).click();
    const told = board.getByRole('menuitem').filter({ hasText: order.orderNumber });
    await expect(told).toBeVisible();
    await picture(board, '08-notifications');
    await told.click();
    await expect(board.locator('dms-order-panel').getByText(order.orderNumber).first()).toBeVisible();
    await board.getByRole('link', { name: 'Hôm nay' }).click();
  });

  await test.step('checks out', async () => {
    await phone.goto(`/field/outlets/${shop.customerId}`);
    await expect(phone.getByText(order.orderNumber)).toBeVisible();
    await phone.getByRole('button', { name: 'Kết thúc ghé thăm' }).click();
    const sheet = phone.getByRole('dialog');
    await sheet.getByText('Có đơn', { exact: true }).click();
    await sheet.getByRole('button', { name: 'Kết thúc ghé thăm' }).click();
    await expect(board.getByText(`rời ${shop.name}`)).toBeVisible();
    await phone.getByRole('link', { name: 'Đồng bộ' }).click();
    await expect(phone.getByText('Mọi việc đã được gửi tới máy chủ.')).toBeVisible();
    await picture(phone, '09-sync');
  });

  await test.step('the supervisor approves', async () => {
    await supervisor.getByText(order.orderNumber).click();
    const panel = supervisor.getByRole('region', { name: 'Chi tiết' }).or(supervisor.locator('dms-order-panel'));
    await expect(panel.getByText('Hàng tặng').first()).toBeVisible();
    await picture(supervisor, '10-order');
    await panel.getByRole('button', { name: 'Duyệt', exact: true }).click();
    await expect(panel.getByText('Đã duyệt').first()).toBeVisible();
  });

  const office = await atTheDesk(browser, baseURL!, 'npp01');
  await test.step('the distributor invoices and issues the goods by first expiry', async () => {
    await office.getByRole('link', { name: 'Phiếu bán & xuất kho' }).click();
    await office.getByRole('radio', { name: 'Đơn chờ lập phiếu' }).click();
    const row = office.getByRole('row', { name: new RegExp(order.orderNumber) });
    await row.getByRole('checkbox').check();
    await office.getByRole('button', { name: 'Lập phiếu bán (1)' }).click();
    const panel = office.locator('dms-invoice-panel');
    await expect(panel.getByText(/PB-\d{8}-\d{4}/).first()).toBeVisible();
    await panel.getByRole('button', { name: 'Xuất kho' }).click();
    await office.getByRole('dialog').getByRole('button', { name: 'Xuất kho', exact: true }).click();
    await expect(panel.getByRole('table', { name: 'Lô đã xuất' })).toBeVisible();
    await picture(office, '11-issued');
  });

  await test.step('the debt is there; half of it is collected', async () => {
    await office.getByRole('link', { name: 'Công nợ' }).click();
    const before = await balance(await api(request, 'npp01'), shop.customerId);
    expect(before).toBeGreaterThanOrEqual(order.totalAmount);
    await office.getByRole('searchbox').fill(shop.customerCode);
    await office.getByRole('row', { name: new RegExp(shop.customerCode) }).click();
    await expect(office.getByText(`${money(before)}`).first()).toBeVisible();
    await picture(office, '12-debt');
    await office.getByRole('button', { name: 'Thu nợ' }).click();
    const half = Math.floor(order.totalAmount / 2);
    const dialog = office.getByRole('dialog');
    await dialog.getByLabel('Số tiền thu').fill(String(half));
    await dialog.getByRole('button', { name: 'Thu nợ' }).click();
    await expect(dialog.getByText(/TN-\d{8}-\d{4}/)).toBeVisible();
    await picture(office, '13-collected');
    await dialog.getByRole('button', { name: 'Đóng' }).click();
    expect(await balance(await api(request, 'npp01'), shop.customerId)).toBe(before - half);
  });

  await test.step('the sales report shows it, on screen and as Excel', async () => {
    await office.getByRole('link', { name: 'Bán hàng theo NV' }).click();
    const table = office.getByRole('table', { name: 'Báo cáo bán hàng theo nhân viên' });
    await expect(table.getByRole('row', { name: new RegExp(PROMOTED) }).first()).toBeVisible();
    await picture(office, '14-report');
    const me = await asRep<{ userId: string }>('/auth/me');
    const today = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Ho_Chi_Minh' }).format(new Date());
    const asOffice = await api(request, 'npp01');
    const report = await asOffice<{ total: { revenue: number } }>(
      `/reports/sales-by-rep?from=${today}&to=${today}&repId=${me.userId}`,
    );
    expect(report.total.revenue).toBe(order.totalAmount);
    const [download] = await Promise.all([
      office.waitForEvent('download'),
      office.getByRole('button', { name: 'Tải Excel' }).click(),
    ]);
    const bytes = readFileSync(await download.path());
    expect(download.suggestedFilename()).toMatch(/\.xlsx$/);
    expect(bytes.subarray(0, 2).toString()).toBe('PK');
  });
});

async function balance(get: Awaited<ReturnType<typeof api>>, customerId: string): Promise<number> {
  const account = await get<{ customer: { balance: number } }>(`/receivables/customers/${customerId}`);
  return account.customer.balance;
}
