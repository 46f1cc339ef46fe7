import Dexie from 'dexie';
import { IDBKeyRange, indexedDB } from 'fake-indexeddb';

// Dexie looks for the browser's IndexedDB when it is loaded, before any test could put one there.
Dexie.dependencies.indexedDB = indexedDB;
Dexie.dependencies.IDBKeyRange = IDBKeyRange;
