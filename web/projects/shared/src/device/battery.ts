interface BatteryManager {
  level: number;
}

/** Battery charge in whole per cent, or null where the browser does not tell (Safari, Firefox). */
export async function batteryPercent(): Promise<number | null> {
  const source = navigator as Navigator & { getBattery?: () => Promise<BatteryManager> };
  if (!source.getBattery) return null;
  const battery = await source.getBattery();
  return Math.round(battery.level * 100);
}
