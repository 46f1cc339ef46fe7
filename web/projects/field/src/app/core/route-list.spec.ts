import { type Fix, distanceMetres, distanceText, fitWithin } from '@dms/shared';
import type { RouteCustomer } from './api-types';
import type { LocalVisit } from './field-db';
import { found, routeStops } from './route-list';
import { worthKeeping } from './tracking';

const fix = (latitude: number, longitude: number, at = 0): Fix => ({
  latitude,
  longitude,
  accuracy: 10,
  at,
  speed: null,
  bearing: null,
});

const customer = (
  id: string,
  visitOrder: number,
  more: Partial<RouteCustomer> = {},
): RouteCustomer => ({
  customerId: id,
  customerCode: id,
  name: `Tạp hoá ${id}`,
  phone: '',
  contactPerson: '',
  visitOrder,
  latitude: 10,
  longitude: 106,
  address: 'Đường Lê Lợi',
  lastVisitDate: null,
  lastOrderDate: null,
  currentBalance: 0,
  visitState: 'notVisited',
  ...more,
});

const visit = (customerId: string, checkedOutAt: number | null) =>
  ({ customerId, checkedOutAt }) as LocalVisit;

describe('distance', () => {
  it('knows a degree of latitude and a known pair of places', () => {
    expect(distanceMetres(fix(0, 0), fix(1, 0))).toBeCloseTo(111_195, -1);
    // Bến Thành market to Tân Sơn Nhất airport
    expect(distanceMetres(fix(10.7725, 106.698), fix(10.8188, 106.6519))).toBeCloseTo(7_217, -2);
    expect(distanceMetres(fix(10, 106), fix(10, 106))).toBe(0);
  });

  it.each([
    [0.4, '0 m'],
    [85.2, '85 m'],
    [1_234, '1,2 km'],
    [34_400, '34 km'],
  ])('writes %d m as %s', (metres, text) => expect(distanceText(metres)).toBe(text));
});

describe('fitWithin', () => {
  it('shrinks to the long side and never enlarges', () => {
    expect(fitWithin(4000, 3000, 1280)).toEqual({ width: 1280, height: 960 });
    expect(fitWithin(3000, 4000, 1280)).toEqual({ width: 960, height: 1280 });
    expect(fitWithin(640, 480, 1280)).toEqual({ width: 640, height: 480 });
  });
});

describe('routeStops', () => {
  it('orders by visiting order and measures from here', () => {
    const stops = routeStops(
      [customer('b', 2), customer('a', 1, { latitude: null, longitude: null })],
      [],
      fix(10.001, 106),
    );
    expect(stops.map((stop) => stop.customerId)).toEqual(['a', 'b']);
    expect(stops[0].distance).toBeNull();
    expect(stops[1].distance).toBeCloseTo(111, 0);
  });

  it('believes this phone before the server, and the server about the rest', () => {
    const stops = routeStops(
      [customer('a', 1), customer('b', 2), customer('c', 3, { visitState: 'visited' })],
      [visit('a', 123), visit('b', null)],
      null,
    );
    expect(stops.map((stop) => stop.state)).toEqual(['visited', 'open', 'visited']);
  });

  it('finds without diacritics, any words in any order', () => {
    const [stop] = routeStops([customer('Hoa', 1)], [], null);
    expect(found(stop.key, 'hoa tap')).toBe(true);
    expect(found(stop.key, 'duong le loi')).toBe(true);
    expect(found(stop.key, 'TẠP HOÁ')).toBe(true);
    expect(found(stop.key, 'hue')).toBe(false);
    expect(found(stop.key, '')).toBe(true);
  });
});

describe('worthKeeping', () => {
  it('keeps one point a minute, more when the rep moves', () => {
    const start = fix(10, 106, 0);
    expect(worthKeeping(null, start)).toBe(true);
    expect(worthKeeping(start, fix(10, 106, 30_000))).toBe(false);
    expect(worthKeeping(start, fix(10, 106, 60_000))).toBe(true);
    expect(worthKeeping(start, fix(10.001, 106, 30_000))).toBe(true);
    expect(worthKeeping(start, fix(10.001, 106, 5_000))).toBe(false);
  });
});
