import { type Fix, distanceMetres, distanceText, fitWithin } from '@dms/shared';
import { worthKeeping } from './tracking';

const fix = (latitude: number, longitude: number, at = 0): Fix => ({
  latitude,
  longitude,
  accuracy: 10,
  at,
  speed: null,
  bearing: null,
});

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
