export * from './battery';
export * from './distance';
export * from './fix';
export * from './storage';
